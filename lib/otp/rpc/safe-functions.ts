import { ErlangError } from '../../errors.js'
import { atomName } from '../../node/atom-name.js'
import type { NodeCore } from '../../node/core.js'
import type { Process } from '../../node/process/process.js'
import { atom } from '../../term/atom.js'
import { Pid } from '../../term/pid.js'
import type { Term } from '../../term/term.js'
import { callContext } from './call-context.js'
import type { ExposedFunctions } from './exposed.js'

/** What people type at once through rpc, and may: it tells nothing and changes nothing. */
export function safeFunctions({ identity, processes }: NodeCore): ExposedFunctions {
  /** As the caller sees them: a process that is not there for its node is not there. */
  const isThere = (process: Process | undefined) =>
    process?.isFor(callContext()?.node ?? identity.name) === true
  return {
    'node/0': () => identity.node,
    'is_process_alive/1': (pid: Term) => {
      if (!Pid.is(pid) || !identity.isOwnNode(pid.node)) throw badarg('is_process_alive/1')
      return isThere(processes.find(pid))
    },
    'whereis/1': (name: Term) => {
      const text = atomName(name)
      if (text === undefined) throw badarg('whereis/1')
      const process = processes.registry.find(text)
      return process !== undefined && isThere(process) ? process.pid : atom('undefined')
    },
    'registered/0': () =>
      processes.registry.names
        .filter((name) => isThere(processes.registry.find(name)))
        .map((name) => atom(name)),
  }
}

function badarg(name: string): ErlangError {
  const reason = atom('badarg')
  return new ErlangError('ERR_ERL_REMOTE', `bad argument of erlang:${name}`, { reason })
}
