import type { ResolvedDecodeOptions } from '../../native/options.js'
import { atom } from '../../term/atom.js'
import type { Pid } from '../../term/pid.js'
import { RawTerm } from '../../term/raw.js'
import { isAtom, type Term } from '../../term/term.js'
import { tuple } from '../../term/tuple.js'
import { atomName } from '../atom-name.js'
import type { DropReason, Drops } from '../drops.js'
import type { ServeMessage } from '../observe/channels.js'
import { methodOf, traceServing, watchesServing } from '../observe/serve.js'
import type { InboundFrame, Route } from '../route.js'
import { countLost, Letter } from './letter.js'
import { LetterQueue } from './letter-queue.js'
import { plainMessage, readOwnMessage } from './own-message.js'
import { ExitKind, Process, type ProcessOwner } from './process.js'

/** What is known of the sender of a message. */
export interface MessageContext {
  /** The sender, where the protocol names it: not for messages to a pid from C nodes. */
  readonly from?: Pid
  /** The node it came from. */
  readonly node: string
  /** For the handler of unclaimed names: the name that the message was sent to. */
  readonly to?: string
  /** @internal For that handler: about how much memory the message takes. */
  readonly bytes?: number
}

/** @internal What a handler returns that does not take the message: it is counted and told as a drop. */
export class NotTaken {
  readonly reason: DropReason
  readonly detail: string

  constructor(reason: DropReason, detail: string) {
    this.reason = reason
    this.detail = detail
  }
}

/** A promise that it returns is awaited before the next message is handed over. */
export type MessageHandler<Message = Term> = (message: Message, context: MessageContext) => unknown

/** A message in the queue. */
class HandlerLetter extends Letter<Term | RawTerm> {
  readonly context: MessageContext

  constructor(
    message: Term | RawTerm,
    context: MessageContext,
    route?: Route,
    frame?: InboundFrame,
  ) {
    super(message, route, frame)
    this.context = context
  }
}

export interface HandlerOptions {
  /** `'raw'`: messages are not read, but handed over as `RawTerm`. */
  readonly decode: ResolvedDecodeOptions | 'raw'
  /** Told what the handler throws or rejects with. */
  readonly failed: (error: unknown, process: HandlerProcess, message: Term | RawTerm) => void
  /** Counts what nobody has dealt with when a process ends. */
  readonly drops: Drops
}

/** A process that hands its messages to a function, one at a time, in order. */
export class HandlerProcess extends Process {
  readonly #handler: MessageHandler<never>
  readonly #options: HandlerOptions
  readonly #queue = new LetterQueue<HandlerLetter>()
  /** What its function is busy with. */
  #current: HandlerLetter | undefined

  constructor(
    pid: Pid,
    owner: ProcessOwner,
    handler: MessageHandler<never>,
    options: HandlerOptions,
  ) {
    super(pid, owner)
    this.#handler = handler
    this.#options = options
  }

  deliver(frame: InboundFrame, from: Pid | undefined, route: Route): void {
    const { decode } = this.#options
    const message = decode === 'raw' ? new RawTerm(frame.raw()) : frame.payload(decode)
    const context = this.contextOf(frame, from, route)
    this.#take(new HandlerLetter(message, context, route, frame))
  }

  protected contextOf(
    _frame: InboundFrame,
    from: Pid | undefined,
    { name }: Route,
  ): MessageContext {
    return from === undefined ? { node: name } : { from, node: name }
  }

  protected notified(message: Term): void {
    const context = { node: this.node }
    const read = readOwnMessage(message, this.#options.decode)
    this.#take(new HandlerLetter(read, context))
  }

  protected override discard(isMeant: (message: Term) => boolean): void {
    this.#queue.discard((message) => isMeant(plainMessage(message)))
  }

  protected ended(): void {
    // The function may never come to an end.
    this.#current?.consume()
    this.#loseQueue()
  }

  #take(letter: HandlerLetter): void {
    if (this.#current !== undefined) this.#queue.add(letter)
    else {
      this.#handle(letter)
      this.#handleQueue()
    }
  }

  /** Busy meanwhile: an exit signal that the handler sends to its own process comes at once. */
  #handle(letter: HandlerLetter): void {
    this.#current = letter
    try {
      const result = watchesServing() ? this.#runTraced(letter) : this.#run(letter)
      if (isThenable(result)) {
        void this.#finish(result, letter)
        return
      }
      if (result instanceof NotTaken) this.#drop(letter, result)
    } catch (error) {
      this.#options.failed(error, this, letter.message)
    }
    this.#current = undefined
    letter.consume()
  }

  #drop({ context }: HandlerLetter, { reason, detail }: NotTaken): void {
    this.#options.drops.add({ reason, peer: context.node, to: context.to ?? this.pid, detail })
  }

  #run({ message, context }: HandlerLetter): unknown {
    // `register` has seen to it that the handler takes what `decode` gives.
    return this.#handler(message as never, context)
  }

  #runTraced(letter: HandlerLetter): unknown {
    const { message, context } = letter
    const traced: ServeMessage = {
      kind: 'message',
      node: this.node,
      peer: context.node,
      from: context.from,
      service: context.to ?? this.name ?? String(this.pid),
      method: methodOf(message, 'message'),
      args: [message],
    }
    return traceServing(traced, () => this.#run(letter))
  }

  /** Waits for one message to be dealt with, then for all that have come meanwhile. */
  async #finish(result: PromiseLike<unknown>, letter: HandlerLetter): Promise<void> {
    try {
      await result
    } catch (error) {
      this.#options.failed(error, this, letter.message)
    }
    letter.consume()
    this.#current = undefined
    if (this.isAlive) this.#handleQueue()
    else this.#loseQueue()
  }

  #loseQueue(): void {
    countLost(this.#queue.clear(), this.pid, this.#options.drops)
  }

  #handleQueue(): void {
    while (this.#current === undefined && this.isAlive) {
      const letter = this.#queue.take()
      if (letter === undefined) return
      this.#handle(letter)
    }
  }
}

/**
 * Gets the messages to names that nobody has, and hears which name it was. It stands for all of them,
 * so no peer can kill it: `kill` is a signal as any other when it traps exits, and nothing else.
 */
export class FallbackProcess extends HandlerProcess {
  override signalled(from: Pid, reason: Term, kind: ExitKind): void {
    if (kind !== ExitKind.Sent || !isAtom(reason, 'kill')) super.signalled(from, reason, kind)
    else if (this.trapExit) this.notified(tuple(atom('EXIT'), from, reason) as Term)
  }

  protected override contextOf(
    frame: InboundFrame,
    from: Pid | undefined,
    route: Route,
  ): MessageContext {
    const context = super.contextOf(frame, from, route)
    return { ...context, to: atomName(frame.fields[1]) ?? '', bytes: frame.charge }
  }
}

export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    'then' in value &&
    typeof value.then === 'function'
  )
}
