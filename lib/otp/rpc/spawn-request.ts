import { atomName } from '../../node/atom-name.js'
import { Fun } from '../../term/fun.js'
import { Pid } from '../../term/pid.js'
import { Reference } from '../../term/reference.js'
import { isList, isTuple, type Term } from '../../term/term.js'
import type { Application } from './evaluation.js'
import { readSpawnOptions, type SpawnOptions } from './spawn-options.js'

/** A SPAWN_REQUEST whose fields are what they must be. */
export interface SpawnRequest extends SpawnOptions {
  readonly reference: Reference
  readonly from: Pid
  readonly groupLeader: Pid | undefined
  /** `M:F/Arity` as text: what is to be spawned. */
  readonly entry: string
  readonly module: Term
  readonly function: Term
}

/** What who asked for a process wants of it. */
export type JobKind =
  /** The value: the reason with which the process ends holds it, and the tag. */
  | 'call'
  /** That the function runs once. */
  | 'cast'
  /** The process, for as long as it lives. */
  | 'spawn'
  /** The process, and a message as soon as it is up. */
  | 'start'

/** What a SPAWN_REQUEST asks to run. */
export interface Job extends Application {
  readonly kind: JobKind
  /** Of a call. */
  readonly tag: Term
}

/** Or the reason with which Erlang refuses such a request. */
export function readSpawnRequest(fields: readonly Term[]): SpawnRequest | 'badarg' | 'badopt' {
  const [reference, from, groupLeader, entry, options] = fields
  if (!Reference.is(reference) || !Pid.is(from) || !isTuple(entry, 3)) return 'badarg'
  const [module, name, arity] = entry
  const read = readSpawnOptions(options)
  if (read === undefined) return 'badopt'
  return {
    reference,
    from,
    groupLeader: Pid.is(groupLeader) ? groupLeader : undefined,
    entry: `${atomName(module)}:${atomName(name)}/${arity}`,
    module,
    function: name,
    ...read,
  }
}

/**
 * What is to be run. Some functions of Erlang's run another one, which is the one that is meant:
 * `erpc`'s and `proc_lib`'s, and `beamlink:init/4` of our `beamlink.erl`. Anything else is the
 * function itself.
 */
export function readJob(
  entry: string,
  { module, function: name }: Pick<SpawnRequest, 'module' | 'function'>,
  payload: Term,
): Job {
  const args = isList(payload) ? payload : []
  switch (entry) {
    case 'erpc:execute_call/4':
      return job('call', args.slice(1), args[0])
    case 'erpc:execute_cast/3':
      return job('cast', args)
    case 'proc_lib:init_p/5':
      return job('spawn', args.slice(2))
    case 'beamlink:init/4':
      return job('start', args.slice(1))
    default:
      return job('spawn', [module, name, payload])
  }
}

function job(kind: JobKind, application: readonly Term[], tag: Term = null): Job {
  const [module = null, name = null, args = null] = application
  return { kind, tag, module, function: name, args }
}

/** `erlang:apply/2` of a fun that is code: of another language than ours. */
export function isFun({ module, function: name, args }: Application): boolean {
  return (
    atomName(module) === 'erlang' && atomName(name) === 'apply' && isList(args) && Fun.is(args[0])
  )
}
