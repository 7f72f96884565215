import { ResolvedDecodeOptions } from '../../native/options.js'
import type { NodeCore } from '../../node/core.js'
import { HandlerProcess, isThenable } from '../../node/process/handler-process.js'
import type { InboundFrame, Route } from '../../node/route.js'
import { atom } from '../../term/atom.js'
import { Pid } from '../../term/pid.js'
import { isTagged, type Term, type TermInput } from '../../term/term.js'
import { tuple } from '../../term/tuple.js'
import { sendAnswer } from '../gen-reply.js'
import { forwardToConsole } from './console.js'
import { readIoRequest } from './request.js'

/** What is known of a text that was printed. */
export interface OutputContext {
  /** The process that printed it: that of the function which was called, or one it has started. */
  readonly from: Pid
}

/**
 * Gets what Erlang prints, as text. Who printed it waits until it returns, or until the promise that
 * it returns is settled.
 */
export type OutputListener = (text: string, context: OutputContext) => unknown

const ok = atom('ok')
/** `~p` of 1.0 is not that of 1. */
const ioDecode = new ResolvedDecodeOptions({ floats: 'wrap' })

/**
 * A group leader: what processes print that have it comes as requests, and goes on to a listener as
 * text.
 *
 * Shape:  `{io_request, From, ReplyAs, Request}`; answer `{io_reply, ReplyAs, Reply}`.
 * Source: "The Erlang I/O Protocol".
 */
export class IoServer extends HandlerProcess {
  readonly #core: NodeCore
  readonly #listener: OutputListener
  #isRetired = false

  /** `failed` is told what the listener throws; who printed hears that the server has ended. */
  constructor(core: NodeCore, listener: OutputListener, failed: (error: unknown) => void) {
    super(core.identity.nextPid(), core.processes, (message: Term) => this.#handle(message), {
      decode: ioDecode,
      drops: core.drops,
      failed: (error) => {
        this.end(atom('terminated'))
        failed(error)
      },
    })
    this.#core = core
    this.#listener = listener
    core.processes.add(this)
  }

  /** From now on nobody listens: output goes to the console of the node that it comes from. */
  retire(): void {
    this.#isRetired = true
  }

  override deliver(frame: InboundFrame, from: Pid | undefined, route: Route): void {
    if (this.#isRetired) forwardToConsole(this.pid, frame, from, route)
    else super.deliver(frame, from, route)
  }

  async #handle(message: Term): Promise<void> {
    if (!isTagged(message, 'io_request', 4)) return
    const [, from, replyAs, request] = message
    if (!Pid.is(from)) return
    const reply = await this.#perform(request, from)
    sendAnswer(this.#core, this.pid, from, ioReply(replyAs, reply), this.#core.encode)
  }

  async #perform(request: Term, from: Pid): Promise<TermInput> {
    const read = readIoRequest(request)
    switch (read.kind) {
      case 'answer':
        return read.answer
      case 'output': {
        const heard = this.#listener(read.text, { from })
        if (isThenable(heard)) await heard
        return ok
      }
      case 'requests':
        return this.#performAll(read.requests, from)
    }
  }

  /** One after another, up to the first that fails. The last answer is that of all. */
  async #performAll(requests: readonly Term[], from: Pid): Promise<TermInput> {
    let reply: TermInput = ok
    for (const request of requests) {
      reply = await this.#perform(request, from)
      if (isTagged(reply as Term, 'error', 2)) break
    }
    return reply
  }
}

function ioReply(replyAs: Term, reply: TermInput): TermInput {
  return tuple(atom('io_reply'), replyAs, reply)
}
