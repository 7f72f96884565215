import { atomName } from '../../node/atom-name.js'
import { isThenable } from '../../node/process/handler-process.js'
import { atom } from '../../term/atom.js'
import { ExternalFun } from '../../term/fun.js'
import { isTagged, type Term, type TermInput } from '../../term/term.js'
import { jsError } from '../../term/thrown.js'
import { tuple } from '../../term/tuple.js'
import type { Outcome } from '../rpc/evaluation.js'
import type { SysDebug } from './sys-debug.js'

/** The server as `sys` sees it. */
export interface SysTarget {
  readonly module: TermInput
  readonly debug: SysDebug
  isSuspended: boolean
  /** Errors: what the callback throws. */
  state(): TermInput
  status(): TermInput
  /** Whether the server takes a state from outside. */
  readonly takesState: boolean
  /** May give a promise. Errors: what the callback throws. */
  replaceState(state: Term): unknown
  /** Runs a function that is exposed to `peer`. */
  apply(fun: ExternalFun, args: readonly Term[], peer: string): Outcome | Promise<Outcome>
}

/** What becomes of a request of `sys`. */
export interface SysResult {
  readonly reply: TermInput
  /** Whether the reply is a state, which not all releases of OTP take in the same form. */
  readonly isState?: boolean
  /** Given when the server is to end, with this reason. */
  readonly terminate?: Term
}

/**
 * Answers the requests of `sys`, as gen_server does.
 *
 * Shape:  `{system, {From, Tag}, Request}`; answer `{Tag, Reply}`.
 * Source: OTP 25, stdlib/src/sys.erl, do_cmd/6.
 */
export function handleSysRequest(
  target: SysTarget,
  request: Term,
  peer: string,
): SysResult | Promise<SysResult> {
  switch (atomName(request)) {
    case 'suspend':
    case 'resume':
      target.isSuspended = atomName(request) === 'suspend'
      return { reply: atom('ok') }
    case 'get_state':
      return guardedState('system_get_state', () => target.state())
    case 'get_status':
      return { reply: guarded('format_status', () => target.status()) }
    default:
      return handleTagged(target, request, peer)
  }
}

function handleTagged(
  target: SysTarget,
  request: Term,
  peer: string,
): SysResult | Promise<SysResult> {
  if (isTagged(request, 'terminate', 2)) return { reply: atom('ok'), terminate: request[1] }
  if (isTagged(request, 'debug', 2)) return { reply: target.debug.command(request[1]) }
  if (isTagged(request, 'replace_state', 2)) return replaceState(target, request[1], peer)
  if (isTagged(request, 'change_code', 4) && target.isSuspended) {
    const [, , version, extra] = request
    return { reply: guarded('system_code_change', () => noCodeChange(target, version, extra)) }
  }
  return { reply: tuple(atom('error'), tuple(atom('unknown_system_msg'), request)) }
}

/**
 * An exposed function as `fun M:F/1` is called with the state and gives the new one. Any other fun
 * is one that this node does not have: calling it is `undef`.
 */
function replaceState(target: SysTarget, fun: Term, peer: string): SysResult | Promise<SysResult> {
  if (!ExternalFun.is(fun) || !target.takesState) {
    return { reply: callbackFailed('system_replace_state', 'error', atom('undef')) }
  }
  const failed = (error: unknown) => {
    return { reply: callbackFailed('system_replace_state', 'error', jsError(error)) }
  }
  try {
    const outcome = target.apply(fun, [target.state() as Term], peer)
    const result = isThenable(outcome)
      ? outcome.then((settled) => stateReplaced(target, settled))
      : stateReplaced(target, outcome)
    return isThenable(result) ? result.catch(failed) : result
  } catch (error) {
    return failed(error)
  }
}

function stateReplaced(target: SysTarget, outcome: Outcome): SysResult | Promise<SysResult> {
  const callback = 'system_replace_state'
  switch (outcome.kind) {
    case 'return':
      return stateTaken(target, outcome.value)
    case 'badarg':
      return { reply: callbackFailed(callback, 'error', atom('badarg')) }
    default:
      return { reply: callbackFailed(callback, outcome.kind, outcome.reason) }
  }
}

/** Errors: those of a promise that `target` gives; what it throws at once is the caller's to catch. */
function stateTaken(target: SysTarget, state: TermInput): SysResult | Promise<SysResult> {
  const reply = { reply: state, isState: true }
  const taken = target.replaceState(state as Term)
  return isThenable(taken) ? Promise.resolve(taken).then(() => reply) : reply
}

/** As for a callback module without `code_change/3`: JavaScript is not replaced while it runs. */
function noCodeChange(target: SysTarget, version: Term, extra: Term): TermInput {
  const call = tuple(target.module, atom('code_change'), [version, target.state(), extra], [])
  return tuple(atom('error'), tuple(atom('EXIT'), tuple(atom('undef'), [call])))
}

function guardedState(callback: string, work: () => TermInput): SysResult {
  try {
    return { reply: work(), isState: true }
  } catch (error) {
    return { reply: callbackFailed(callback, 'error', jsError(error)) }
  }
}

function guarded(callback: string, work: () => TermInput): TermInput {
  try {
    return work()
  } catch (error) {
    return callbackFailed(callback, 'error', jsError(error))
  }
}

export function callbackFailed(callback: string, kind: string, reason: TermInput): TermInput {
  const where = tuple(atom('gen_server'), atom(callback))
  return tuple(atom('error'), tuple(atom('callback_failed'), where, tuple(atom(kind), reason)))
}
