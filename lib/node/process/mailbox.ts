import type { Abortable, AbortListeners } from '../abort-listeners.js'
import { Aborted, Failure, type Wait } from '../calls.js'
import type { DeadlineQueue, Deadlines, Timed } from '../deadlines.js'
import { Resolvable } from '../resolvable.js'
import { Letter } from './letter.js'
import type { Seekers } from './seekers.js'

/** A message in a mailbox. */
export class MailboxLetter<Message> extends Letter<Message> {
  /** Its place in the order in which the mailbox got its messages. */
  sequence = 0
  isTaken = false
}

export type Match<Message> = (message: Message) => boolean

/** What ends a wait other than a message. */
export interface Clock {
  readonly deadlines: Deadlines
  readonly aborts: AbortListeners
  readonly seekers: Seekers
}

/** One receive that waits for its message. */
export class Receiver<Message> implements Timed, Abortable {
  readonly match: Match<Message> | undefined
  dueAt = 0
  previous: Timed | undefined
  next: Timed | undefined
  queue: DeadlineQueue | undefined
  readonly #mailbox: Mailbox<Message>
  readonly #clock: Clock
  readonly #wait: Wait
  #isSeeking = false
  readonly #end = new Resolvable<MailboxLetter<Message> | Failure>()

  constructor(
    mailbox: Mailbox<Message>,
    match: Match<Message> | undefined,
    wait: Wait,
    clock: Clock,
  ) {
    this.#mailbox = mailbox
    this.#clock = clock
    this.#wait = wait
    this.match = match
  }

  /** The letter, or why there is none; never rejects. */
  get outcome(): Promise<MailboxLetter<Message> | Failure> {
    return this.#end.promise
  }

  start(): void {
    const { timeoutMs, signal } = this.#wait
    this.#clock.deadlines.start(this, timeoutMs)
    if (signal !== undefined) this.#clock.aborts.add(signal, this)
    if (this.match === undefined) return
    this.#isSeeking = true
    this.#clock.seekers.started()
  }

  expire(): void {
    const message = `no message within ${this.#wait.timeoutMs} ms`
    this.#mailbox.leave(this)
    this.settle(new Failure('ERR_ERL_TIMEOUT', message))
  }

  abort(signal: AbortSignal): void {
    this.#mailbox.leave(this)
    this.settle(new Aborted(signal))
  }

  /** Timer and abort listener go with it. */
  settle(outcome: MailboxLetter<Message> | Failure): void {
    const { signal } = this.#wait
    this.#clock.deadlines.stop(this)
    if (signal !== undefined) this.#clock.aborts.remove(signal, this)
    if (this.#isSeeking) this.#clock.seekers.ended()
    this.#isSeeking = false
    this.#end.resolve(outcome)
  }
}

/** Below this length the array of letters is not worth tidying. */
const leastTidied = 32

/**
 * Messages in the order in which they came, and those who wait for one. A message goes to the first
 * who wants it; taking one costs the same however many wait.
 *
 * A function that chooses is asked once about each message: it is taken to be pure, so the same
 * function is not asked again about what it has turned down.
 */
export class Mailbox<Message> {
  #letters: MailboxLetter<Message>[] = []
  /** Those before it are taken. */
  #first = 0
  /** Taken ones from there on. */
  #holes = 0
  #sequence = 0
  /** Up to which letter a function has turned down all that are here. */
  #turnedDown: WeakMap<Match<Message>, number> | undefined
  #receivers: Set<Receiver<Message>> | undefined

  get size(): number {
    return this.#letters.length - this.#first - this.#holes
  }

  add(letter: MailboxLetter<Message>): void {
    for (const receiver of this.#receivers ?? []) {
      if (!wants(receiver, letter)) continue
      this.leave(receiver)
      if (letter.isTaken) return
    }
    this.#sequence += 1
    letter.sequence = this.#sequence
    this.#letters.push(letter)
  }

  /** Takes the first message, or the first that is wanted. Errors: what `match` throws. */
  take(match: Match<Message> | undefined): MailboxLetter<Message> | undefined {
    const at = match === undefined ? this.#first : this.#find(match)
    const letter = this.#letters[at]
    if (letter !== undefined) this.#takeOut(letter)
    return letter
  }

  wait(receiver: Receiver<Message>): void {
    this.#receivers ??= new Set()
    this.#receivers.add(receiver)
    receiver.start()
  }

  leave(receiver: Receiver<Message>): void {
    this.#receivers?.delete(receiver)
  }

  /** Takes out every message that is meant. */
  discard(isMeant: Match<Message>): void {
    for (let at = this.#first; at < this.#letters.length; at += 1) {
      const letter = this.#letters[at]
      if (letter === undefined || letter.isTaken || !isMeant(letter.message)) continue
      letter.isTaken = true
      letter.consume()
    }
    this.#tidy()
  }

  /** Nobody receives any more: gives the letters that are left. */
  close(failure: Failure): readonly MailboxLetter<Message>[] {
    for (const receiver of this.#receivers ?? []) receiver.settle(failure)
    this.#receivers = undefined
    const rest = this.#letters.filter(({ isTaken }) => !isTaken)
    this.#letters = []
    this.#first = 0
    this.#holes = 0
    for (const letter of rest) letter.consume()
    return rest
  }

  #find(match: Match<Message>): number {
    this.#turnedDown ??= new WeakMap()
    let at = this.#firstAfter(this.#turnedDown.get(match) ?? 0)
    let letter = this.#letters[at]
    while (letter !== undefined && (letter.isTaken || !match(letter.message))) {
      at += 1
      letter = this.#letters[at]
    }
    this.#turnedDown.set(match, letter?.sequence ?? this.#sequence)
    return at
  }

  /** Where the letters begin that came after one; they stand in the order of their numbers. */
  #firstAfter(sequence: number): number {
    let low = this.#first
    let high = this.#letters.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#letters[middle]?.sequence ?? 0) <= sequence) low = middle + 1
      else high = middle
    }
    return low
  }

  #takeOut(letter: MailboxLetter<Message>): void {
    letter.isTaken = true
    letter.consume()
    this.#holes += 1
    while (this.#letters[this.#first]?.isTaken === true) {
      this.#first += 1
      this.#holes -= 1
    }
    const gone = this.#first + this.#holes
    if (gone > leastTidied && gone * 2 > this.#letters.length) this.#tidy()
  }

  #tidy(): void {
    this.#letters = this.#letters.filter(({ isTaken }) => !isTaken)
    this.#first = 0
    this.#holes = 0
  }
}

/** Gives it the letter if it wants that. Settled without the letter when its `match` throws. */
function wants<Message>(receiver: Receiver<Message>, letter: MailboxLetter<Message>): boolean {
  try {
    if (receiver.match !== undefined && !receiver.match(letter.message)) return false
  } catch (error) {
    receiver.settle(new Thrown(error))
    return true
  }
  letter.isTaken = true
  letter.consume()
  receiver.settle(letter)
  return true
}

/** What a `match` threw: whoever receives with it gets that very error. */
class Thrown extends Failure {
  readonly #error: unknown

  constructor(error: unknown) {
    super('ERR_ERL_CLOSED', 'match has thrown')
    this.#error = error
  }

  override toError(): unknown {
    return this.#error
  }
}
