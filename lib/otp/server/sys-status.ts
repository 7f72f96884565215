import type { Atom } from '../../term/atom.js'
import { atom } from '../../term/atom.js'
import { format } from '../../term/format.js'
import { charlist } from '../../term/list.js'
import { Pid } from '../../term/pid.js'
import type { TermInput } from '../../term/term.js'
import { tuple } from '../../term/tuple.js'
import type { SysDebug } from './sys-debug.js'

/** What a server is, as far as its status tells. */
export interface ServerStatus {
  readonly pid: Pid
  /** Its name, or its pid where it has none. */
  readonly name: Pid | Atom | boolean
  readonly module: Atom | boolean
  /** The process that it ends with; itself when there is none. */
  readonly parent: Pid
  readonly isSuspended: boolean
  readonly debug: SysDebug
  readonly state: TermInput
}

/**
 * The answer to `get_status`.
 *
 * Shape:  `{status, Pid, {module, gen_server}, [PDict, SysState, Parent, Dbg, Misc]}`, where `Misc`
 *         is `[{header, Text}, {data, […]}, {data, [{"State", State}]}]`.
 * Source: OTP 25, stdlib/src/sys.erl, get_status/5; stdlib/src/gen_server.erl, format_status/2.
 */
export function statusTerm(status: ServerStatus): TermInput {
  const { pid, module, parent, debug } = status
  const systemState = atom(status.isSuspended ? 'suspended' : 'running')
  const dictionary = [
    tuple(atom('$ancestors'), parent === pid ? [] : [parent]),
    tuple(atom('$initial_call'), tuple(module, atom('init'), 1)),
  ]
  const facts = [
    tuple(charlist('Status'), systemState),
    tuple(charlist('Parent'), parent),
    tuple(charlist('Logged events'), debug.log),
  ]
  const misc = [
    tuple(atom('header'), charlist(`Status for generic server ${headerName(status.name)}`)),
    tuple(atom('data'), facts),
    tuple(atom('data'), [tuple(charlist('State'), status.state)]),
  ]
  const items = [dictionary, systemState, parent, debug.toTerm(), misc]
  return tuple(atom('status'), pid, tuple(atom('module'), atom('gen_server')), items)
}

function headerName(name: Pid | Atom | boolean): string {
  if (Pid.is(name)) return format(name)
  return typeof name === 'boolean' ? String(name) : name.name
}
