import type { ResolvedDecodeOptions } from '../../native/options.js'
import { defaultDecodeOptions } from '../../native/options.js'
import { atomName } from '../../node/atom-name.js'
import type { NodeCore } from '../../node/core.js'
import { BytesFrame } from '../../node/frames.js'
import { snapshot } from '../../node/peer/peer.js'
import { SystemProcess } from '../../node/process/system-process.js'
import { atom } from '../../term/atom.js'
import { Pid } from '../../term/pid.js'
import { isTagged, isTuple, type Term, type TermInput } from '../../term/term.js'
import { jsError } from '../../term/thrown.js'
import { type AnyTuple, tuple } from '../../term/tuple.js'
import { type GenFrom, genReply, readGenCall, sendAnswer } from '../gen-reply.js'
import { type Application, type Outcome, rexValue } from './evaluation.js'
import type { RpcServer } from './rpc-server.js'

const name = atom('rex')

/** The caller gets the value. */
export type AnswerCall = (value: TermInput) => void

/**
 * Stands between the calls of one C node and their answers, because that node cannot take every
 * answer at every time. It is told of each call as it comes, and given the means to answer it; what
 * it gives is told what the function came to.
 */
export type RexGate = (answer: AnswerCall) => (outcome: Outcome) => void

/** A request as it came, and the node it came from: that of the pid in it is the word of the peer. */
interface Asked {
  readonly frame: BytesFrame
  readonly node: string
}

/**
 * The process `rex`: calls of nodes before OTP 23, of `rpc:block_call`, and of C nodes.
 *
 * Shape:  `{'$gen_call', {From, Tag}, {call | block_call, M, F, Args, GroupLeader}}`,
 *         `{'$gen_cast', {cast, M, F, Args, GroupLeader}}`, `{From, {call, M, F, Args, user}}`
 *         (answer `{rex, Value}`), `{From, {sbcast, Name, Msg}}`, `{From, {send, Name, Msg}}`,
 *         `{From, features_request}`.
 * Source: OTP 25, kernel/src/rpc.erl, handle_call, handle_cast, handle_info.
 */
export class Rex {
  readonly #core: NodeCore
  readonly #server: RpcServer
  readonly #process: SystemProcess
  readonly #gates = new Map<string, RexGate>()

  private constructor(core: NodeCore, server: RpcServer) {
    const { processes, identity } = core
    this.#core = core
    this.#server = server
    this.#process = new SystemProcess(identity.nextPid(), processes, (frame, from, route) => {
      this.#receive(BytesFrame.of(frame), from, route.name)
      route.consumed(frame)
    })
  }

  static start(core: NodeCore, server: RpcServer): Rex {
    const { processes } = core
    const rex = new Rex(core, server)
    processes.add(rex.#process)
    processes.registry.register(name.name, rex.#process)
    return rex
  }

  /** Puts a gate before the calls in C node form of one peer, or takes it away. */
  setGate(peer: string, gate: RexGate | undefined): void {
    if (gate === undefined) this.#gates.delete(peer)
    else this.#gates.set(peer, gate)
  }

  /** The envelope is read losslessly: it holds the tag, which must go back as it came. */
  #receive(frame: BytesFrame, from: Pid | undefined, node: string): void {
    const message = frame.payload(defaultDecodeOptions)
    const call = readGenCall(message)
    if (call !== undefined) this.#called({ frame, node }, call.from, call.request)
    else if (isTagged(message, '$gen_cast', 2)) this.#cast({ frame, node }, from, message[1])
    else if (isTuple(message, 2) && Pid.is(message[0])) {
      this.#asked({ frame, node }, message[0], message[1])
    }
  }

  #called(asked: Asked, from: GenFrom, request: Term): void {
    if (!isApplication(request, ['call', 'block_call'])) return
    const done = (outcome: Outcome) => {
      genReply(this.#core, this.#process.pid, from, this.#encoded(outcome), this.#core.encode)
    }
    this.#apply(asked, from.pid, request, (payload) => readGenCall(payload)?.request, done)
  }

  #cast(asked: Asked, from: Pid | undefined, request: Term): void {
    if (!isApplication(request, ['cast'])) return
    const inner = (payload: Term) => (isTuple(payload, 2) ? payload[1] : undefined)
    this.#apply(asked, from ?? this.#core.caller, request, inner, undefined)
  }

  /** The forms of C nodes and of `rpc:sbcast`. */
  #asked(asked: Asked, from: Pid, request: Term): void {
    if (isApplication(request, ['call'])) {
      const inner = (payload: Term) => (isTuple(payload, 2) ? payload[1] : undefined)
      this.#apply(asked, from, request, inner, this.#answering(from, asked.node))
    } else if (atomName(request) === 'features_request') {
      this.#answer(from, tuple(atom('features_reply'), this.#core.identity.node, [atom('erpc')]))
    } else if (isTagged(request, 'sbcast', 3)) {
      this.#broadcast(asked, from, request[1], request[2], true)
    } else if (isTagged(request, 'send', 3)) {
      this.#broadcast(asked, from, request[1], tuple(from, request[2]) as Term, false)
    }
  }

  /** What becomes of the outcome of a call in C node form. */
  #answering(from: Pid, node: string): (outcome: Outcome) => void {
    const answer = (value: TermInput) => this.#answer(from, tuple(name, value))
    const gate = this.#gates.get(node)
    return gate?.(answer) ?? ((outcome) => answer(this.#encoded(outcome)))
  }

  #broadcast({ node }: Asked, from: Pid, to: Term, message: Term, confirms: boolean): void {
    const { processes, identity, loopback } = this.#core
    const known = processes.registry.find(atomName(to) ?? '')?.isFor(node) === true
    if (known)
      void this.#core.send(from, { to: atom(atomName(to) ?? ''), node: loopback.name }, message)
    if (known && !confirms) return
    const result = known ? identity.node : tuple(atom('nonexisting_name'), to)
    this.#answer(from, tuple(name, identity.node, result))
  }

  #apply(
    { frame, node }: Asked,
    from: Pid,
    request: AnyTuple,
    inner: (payload: Term) => Term | undefined,
    done: ((outcome: Outcome) => void) | undefined,
  ): void {
    const reread = (decode: ResolvedDecodeOptions) => {
      const again = inner(frame.payload(decode))
      return isTuple(again) ? applicationOf(again) : applicationOf(request)
    }
    const { decode } = this.#core
    const leader = request.elements[4]
    this.#server.apply(
      { from, node, groupLeader: Pid.is(leader) ? leader : undefined },
      // The envelope was read so already.
      decode === defaultDecodeOptions ? applicationOf(request) : reread(decode),
      reread,
      done,
    )
  }

  /** The caller waits for an answer also when the value has no Erlang form. */
  #encoded(outcome: Outcome): TermInput {
    try {
      return snapshot(rexValue(outcome), this.#core.encode)
    } catch (error) {
      return rexValue({ kind: 'error', reason: jsError(error), stack: [] })
    }
  }

  #answer(to: Pid, message: TermInput): void {
    sendAnswer(this.#core, this.#process.pid, to, message, this.#core.encode)
  }
}

/** `{Tag, M, F, Args, GroupLeader}`. */
function isApplication(request: Term, tags: readonly string[]): request is AnyTuple {
  return isTuple(request) && request.length === 5 && tags.includes(atomName(request[0]) ?? '')
}

function applicationOf(request: AnyTuple): Application {
  const [, module = null, functionName = null, args = null] = request
  return { module, function: functionName, args }
}
