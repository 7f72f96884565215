import {
  atom,
  ErlangError,
  type ErlangNode,
  format,
  isAtom,
  isList,
  isTagged,
  isTuple,
  type Pid,
  type Term,
  type TermInput,
  tuple,
} from '../../index.js'
import { bindingsOf, parseProgram } from '../remote-program.js'
import { tracerSource } from './tracer-source.js'

/** What is traced, and when it is enough. */
export interface TraceRequest {
  readonly module: string
  /** Undefined: every function of the module. */
  readonly function: string | undefined
  readonly arity: number | undefined
  /** Whether values and exceptions are wanted. */
  readonly returns: boolean
  readonly mostCalls: number
  readonly forMs: number
}

/** What is seen. */
export type TraceEvent =
  | {
      readonly kind: 'started'
      readonly functions: Term
    }
  | {
      readonly kind: 'call'
      readonly pid: Term
      readonly at: Date
      readonly module: Term
      readonly function: Term
      readonly args: readonly Term[]
    }
  | {
      readonly kind: 'return' | 'exception'
      readonly pid: Term
      readonly at: Date
      readonly mfa: Term
      readonly value: Term
    }

export type WhyEnded = 'limit' | 'expired' | 'overload' | 'stopped' | 'no_function'

/** So many traces may wait for the tracer: with more it does not keep up, and the node is slowed down. */
const mostQueued = 1_000
/** Larger arguments and values are not shown: copying them costs the peer. */
const mostWords = 2_000

/**
 * Traces calls at a peer until it is enough, or `signal` is aborted.
 *
 * Errors: ERR_ERL_NOPROC when the peer has no such function; ERR_ERL_NOCONNECTION when it is lost; those
 *         of calls.
 */
export async function trace(
  node: ErlangNode,
  peer: string,
  request: TraceRequest,
  { timeoutMs, signal }: { readonly timeoutMs: number; readonly signal: AbortSignal },
  seen: (event: TraceEvent) => void,
): Promise<WhyEnded> {
  const wait = { timeoutMs, signal }
  const expressions = await parseProgram(node, peer, tracerSource, wait)
  const parent = node.spawn()
  try {
    // Nobody but the tracer knows this process.
    const tag = parent.pid
    const bindings = bindingsOf(variablesOf(request, parent.pid, tag))
    const args = [expressions, bindings]
    const [tracer, monitor] = await node.spawnAt(peer, 'erl_eval', 'exprs', args, {
      parent,
      monitor: true,
      timeoutMs,
    })
    const stop = (): void => void node.send(tracer, tuple(tag, atom('stop')))
    signal.addEventListener('abort', stop, { once: true })
    for await (const message of parent) {
      if (isTagged(message, 'DOWN', 5) && String(message[1]) === String(monitor)) {
        throw new ErlangError(
          'ERR_ERL_NOCONNECTION',
          `the tracer at ${peer} ended: ${format(message[4])}`,
        )
      }
      const outcome = readMessage(message)
      if (outcome === undefined) continue
      if (typeof outcome === 'string') return checkFound(outcome, request, peer)
      seen(outcome)
    }
    return 'stopped'
  } finally {
    parent.exit()
  }
}

function checkFound(why: WhyEnded, { module, function: name, arity }: TraceRequest, peer: string) {
  if (why !== 'no_function') return why
  const what =
    name === undefined ? module : `${module}:${name}${arity === undefined ? '' : `/${arity}`}`
  throw new ErlangError('ERR_ERL_REMOTE', `${peer} has no function ${what} that could be traced`)
}

function variablesOf(request: TraceRequest, parent: Pid, tag: TermInput) {
  const { module, function: name, arity, returns, mostCalls, forMs } = request
  const any = atom('_')
  const spec = tuple(any, [], returns ? [tuple(atom('exception_trace'))] : [])
  return {
    Arity: arity ?? any,
    ForMs: forMs,
    Function: name === undefined ? any : atom(name),
    Match: [spec],
    Module: atom(module),
    Most: returns ? 2 * mostCalls : mostCalls,
    MostQueued: mostQueued,
    MostWords: mostWords,
    Parent: parent,
    Tag: tag,
  } satisfies Record<string, TermInput>
}

function readMessage(message: Term): TraceEvent | WhyEnded | undefined {
  if (!isTuple(message)) return undefined
  const [, what, pid, time, ...rest] = message as unknown as Term[]
  if (what === undefined || pid === undefined || !isAtom(what)) return undefined
  const [first, second, third] = rest
  switch (what.name) {
    case 'started':
      return { kind: 'started', functions: pid }
    case 'done':
      return isAtom(pid) ? (pid.name as WhyEnded) : 'stopped'
    case 'call':
      if (first === undefined || second === undefined || third === undefined) return undefined
      return {
        kind: 'call',
        pid,
        at: dateOf(time),
        module: first,
        function: second,
        args: isList(third) ? third : [],
      }
    case 'return':
    case 'exception':
      if (first === undefined || second === undefined) return undefined
      return { kind: what.name, pid, at: dateOf(time), mfa: first, value: second }
    default:
      return undefined
  }
}

function dateOf(time: Term | undefined): Date {
  const [mega, seconds, micro] = time !== undefined && isTuple(time) ? [...time].map(Number) : []
  return new Date(((mega ?? 0) * 1e6 + (seconds ?? 0)) * 1e3 + Math.floor((micro ?? 0) / 1e3))
}
