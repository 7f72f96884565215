import { atomName } from '../../node/atom-name.js'
import { isThenable } from '../../node/process/handler-process.js'
import { atom } from '../../term/atom.js'
import { ExternalFun } from '../../term/fun.js'
import { isList, type Term, type TermInput } from '../../term/term.js'
import { exitReasonOf, readThrown } from '../../term/thrown.js'
import { tuple } from '../../term/tuple.js'
import type { ExposedTable, Exposure } from './exposed.js'

/** What the function has thrown, for this side; absent when there was no function. */
interface Cause {
  readonly thrown?: unknown
}

/** What a function came to, in Erlang's words. */
export type Outcome =
  | { readonly kind: 'return'; readonly value: TermInput }
  | ({ readonly kind: 'throw' | 'exit'; readonly reason: TermInput } & Cause)
  | ({ readonly kind: 'error'; readonly reason: TermInput; readonly stack: TermInput } & Cause)
  /** The arguments were no list, or the function was no atom: `erpc` says `{erpc, badarg}`. */
  | { readonly kind: 'badarg' }

/** `M:F(Args)` as it was asked for. */
export interface Application {
  readonly module: Term
  readonly function: Term
  readonly args: Term
}

/** A function to be run, with its arguments. */
export interface Runnable {
  readonly exposure: Exposure
  readonly module: string
  readonly function: string
  readonly args: readonly Term[]
}

/**
 * Finds what an application means for a peer: an exposed function, or the outcome of there being
 * none. `erlang:apply/2,3` of an exported function is that function; Erlang's own funs cannot run
 * here.
 */
export function resolveApplication(
  table: ExposedTable,
  peer: string,
  application: Application,
): Runnable | Outcome {
  const module = atomName(application.module)
  const name = atomName(application.function)
  const { args } = application
  if (module === undefined || name === undefined || !isList(args)) return { kind: 'badarg' }
  const exposure = table.find(module, name, args.length, peer)
  if (exposure !== undefined) return { exposure, module, function: name, args }
  const inner = module === 'erlang' && name === 'apply' ? appliedBy(args) : undefined
  if (inner !== undefined) return resolveApplication(table, peer, inner)
  return undefinedFunction(application)
}

/** `apply(fun M:F/A, Args)` and `apply(M, F, Args)`. */
function appliedBy(args: readonly Term[]): Application | undefined {
  const [first, second, third] = args
  if (args.length === 3 && first !== undefined && second !== undefined && third !== undefined) {
    return { module: first, function: second, args: third }
  }
  if (args.length !== 2 || !ExternalFun.is(first) || !isList(second)) return undefined
  if (second.length !== first.arity) return undefined
  return { module: first.module, function: first.function, args: second }
}

/** As a real node says it: the whole argument list stands in the stack. */
function undefinedFunction({ module, function: name, args }: Application): Outcome {
  return { kind: 'error', reason: atom('undef'), stack: [tuple(module, name, args, [])] }
}

/** Runs an exposed function; a promise where it gives one, which never rejects. */
export function evaluate(runnable: Runnable): Outcome | Promise<Outcome> {
  const { exposure, args } = runnable
  try {
    const value = Reflect.apply(exposure.run, exposure.owner, args)
    if (isThenable(value)) return awaited(value, runnable)
    return { kind: 'return', value: termOf(value) }
  } catch (error) {
    return outcomeOfThrown(error, stackOf(runnable))
  }
}

async function awaited(promise: PromiseLike<unknown>, runnable: Runnable): Promise<Outcome> {
  try {
    return { kind: 'return', value: termOf(await promise) }
  } catch (error) {
    return outcomeOfThrown(error, stackOf(runnable))
  }
}

/** A function that returns nothing gives `ok`, as Erlang's functions for effect do. */
function termOf(value: unknown): TermInput {
  return value === undefined ? atom('ok') : (value as TermInput)
}

/**
 * What was thrown, as a term: the `reason` of an `ErlangError`, in its class; else
 * `{js_error, Name, Message}` with both as binaries, which Erlang and Elixir print as text.
 */
export function outcomeOfThrown(thrown: unknown, stack: TermInput): Outcome {
  const { kind, reason } = readThrown(thrown)
  return kind === 'error' ? { kind, reason, stack, thrown } : { kind, reason, thrown }
}

function stackOf({ module, function: name, args }: Runnable): TermInput {
  return [tuple(atom(module), atom(name), args.length, [])]
}

/** The reason with which a spawned process ends after `outcome`. */
export function exitReason(outcome: Outcome): TermInput {
  switch (outcome.kind) {
    case 'return':
      return atom('normal')
    case 'badarg':
      return tuple(atom('badarg'), [])
    case 'error':
      return exitReasonOf(outcome, outcome.stack)
    default:
      return exitReasonOf(outcome)
  }
}

/** The reason that `erpc` reads the outcome from; see `outcomeOfExit`. */
export function erpcReason(tag: Term, outcome: Outcome): TermInput {
  switch (outcome.kind) {
    case 'return':
      return tuple(tag, atom('return'), outcome.value)
    case 'throw':
    case 'exit':
      return tuple(tag, atom(outcome.kind), outcome.reason)
    case 'error':
      return tuple(tag, atom('error'), outcome.reason, outcome.stack)
    case 'badarg':
      return tuple(tag, atom('error'), tuple(atom('erpc'), atom('badarg')))
  }
}

/** The value that `rex` answers with. Source: OTP 25, kernel/src/rpc.erl, rpcify_exception. */
export function rexValue(outcome: Outcome): TermInput {
  const badrpc = atom('badrpc')
  const exit = atom('EXIT')
  switch (outcome.kind) {
    case 'return':
      return outcome.value
    case 'throw':
      return outcome.reason
    case 'exit':
      return tuple(badrpc, tuple(exit, outcome.reason))
    case 'error':
      return tuple(badrpc, tuple(exit, tuple(outcome.reason, outcome.stack)))
    case 'badarg':
      return tuple(badrpc, tuple(exit, tuple(atom('badarg'), [])))
  }
}
