import { checkFunction, checkNames, checkObject } from '../../base/validate.js'
import type { ErlangError } from '../../errors.js'
import type { ResolvedDecodeOptions } from '../../native/options.js'
import type { Pid } from '../../term/pid.js'
import { RawTerm } from '../../term/raw.js'
import type { Term, TermInput } from '../../term/term.js'
import { Failure } from '../calls.js'
import type { Drops } from '../drops.js'
import type { InboundFrame, Route } from '../route.js'
import { resolveWait } from '../wait.js'
import { countLost } from './letter.js'
import { type Clock, Mailbox, MailboxLetter, type Match, Receiver } from './mailbox.js'
import { plainMessage, readOwnMessage } from './own-message.js'
import { Process, type ProcessOwner } from './process.js'

/** What every mailbox of a node has in common. */
export interface MailboxOptions extends Clock {
  /** `'raw'`: messages are not read, but handed over as `RawTerm`. */
  readonly decode: ResolvedDecodeOptions | 'raw'
  /** Counts what nobody has received when a process ends. */
  readonly drops: Drops
}

/** How long to wait for a message, and what for. */
export interface ReceiveOptions<Message = Term, Else = never> {
  /**
   * Which message is wanted; the others stay where they are. Asked once about each message, so it
   * must depend on nothing but the message.
   */
  readonly match?: (message: Message) => boolean
  /** Milliseconds; by default, and with `Infinity`, for ever. 0 looks at what is there. */
  readonly timeoutMs?: number
  /** Aborting it rejects with `signal.reason`. */
  readonly signal?: AbortSignal
  /** What is given when the time is over, in place of ERR_ERL_TIMEOUT. */
  readonly orElse?: Else
}

/** As `ReceiveOptions`, where `match` says of which type the message is. */
export interface ReceiveGuardOptions<Message, Wanted extends Message, Else = never>
  extends Omit<ReceiveOptions<Message, Else>, 'match'> {
  /** A guard: the first message that it wants is taken, and has its type. */
  readonly match: (message: Message) => message is Wanted
}

const receiveOptionNames = ['match', 'timeoutMs', 'signal', 'orElse']
const forEver = { timeoutMs: Number.POSITIVE_INFINITY, signal: undefined }

/** A process with a mailbox, from which its messages are received. */
export class MailboxProcess<Message = Term> extends Process {
  readonly #options: MailboxOptions
  #mailbox: Mailbox<Message> | undefined

  constructor(pid: Pid, owner: ProcessOwner, options: MailboxOptions) {
    super(pid, owner)
    this.#options = options
  }

  /** How many messages wait to be received. */
  get queueLength(): number {
    return this.#mailbox?.size ?? 0
  }

  /**
   * Takes the first message out of the mailbox, or the first that `match` wants, or waits for it.
   * Those who wait are served in the order in which they asked.
   *
   * Errors: ERR_ERL_TIMEOUT after `timeoutMs`, unless `orElse` is given; `signal.reason`;
   *         ERR_ERL_CLOSED with the `reason` when the process has ended, or ends meanwhile; what
   *         `match` throws.
   */
  receive<Wanted extends Message, Else = never>(
    options: ReceiveGuardOptions<Message, Wanted, Else>,
  ): Promise<Wanted | Else>
  receive<Else = never>(options?: ReceiveOptions<Message, Else>): Promise<Message | Else>
  async receive<Else>(options?: ReceiveOptions<Message, Else>): Promise<Message | Else> {
    const wait = options === undefined ? forEver : resolveReceive(options)
    if (!this.isAlive) throw this.endedError()
    if (wait.signal?.aborted === true) throw wait.signal.reason
    this.#mailbox ??= new Mailbox()
    const letter = this.#mailbox.take(options?.match)
    if (letter !== undefined) return letter.message
    const receiver = new Receiver(this.#mailbox, options?.match, wait, this.#options)
    if (wait.timeoutMs === 0) receiver.expire()
    else this.#mailbox.wait(receiver)
    const outcome = await receiver.outcome
    if (!(outcome instanceof Failure)) return outcome.message
    if (outcome.code === 'ERR_ERL_TIMEOUT' && options !== undefined && 'orElse' in options) {
      return options.orElse as Else
    }
    throw outcome.toError()
  }

  /** Every message as it comes, until the process ends. */
  async *[Symbol.asyncIterator](): AsyncIterableIterator<Message> {
    while (this.isAlive) {
      try {
        yield await this.receive()
      } catch (error) {
        if (this.isAlive) throw error
      }
    }
  }

  deliver(frame: InboundFrame, _from: Pid | undefined, route: Route): void {
    const { decode } = this.#options
    const message = decode === 'raw' ? new RawTerm(frame.raw()) : frame.payload(decode)
    // `spawn` has seen to it that the type says what `decode` gives.
    this.#add(new MailboxLetter(message as Message, route, frame))
  }

  protected notified(message: Term): void {
    this.#add(new MailboxLetter(readOwnMessage(message, this.#options.decode) as Message))
  }

  protected override discard(isMeant: (message: Term) => boolean): void {
    this.#mailbox?.discard((message) => isMeant(plainMessage(message as Term | RawTerm)))
  }

  protected ended(_reason: TermInput): void {
    if (this.#mailbox === undefined) return
    const rest = this.#mailbox.close(new Ended(() => this.endedError()))
    this.#mailbox = undefined
    countLost(rest, this.pid, this.#options.drops)
  }

  #add(letter: MailboxLetter<Message>): void {
    this.#mailbox ??= new Mailbox()
    this.#mailbox.add(letter)
  }
}

/** The end of the process. Its error is made for who waits, if anybody does: a reason can be large. */
class Ended extends Failure {
  readonly #make: () => ErlangError

  constructor(make: () => ErlangError) {
    super('ERR_ERL_CLOSED', 'the process has ended')
    this.#make = make
  }

  override toError(): ErlangError {
    return this.#make()
  }
}

function resolveReceive(options: ReceiveOptions<never, unknown>) {
  checkNames('receive', checkObject('options', options), receiveOptionNames)
  const { match, timeoutMs = Number.POSITIVE_INFINITY, signal } = options
  if (match !== undefined) checkFunction('match', match)
  return resolveWait({ timeoutMs, ...(signal === undefined ? {} : { signal }) })
}

export type { Match }
