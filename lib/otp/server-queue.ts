import type { Charged, Route } from '../node/route.js'
import type { Term } from '../term/term.js'

/** A message, with what is due when it has been dealt with. */
export interface Letter {
  readonly message: Term
  /** Undefined for what this node says itself. */
  readonly route: Route | undefined
  readonly frame: Charged | undefined
}

/** Gives back what a message was charged with. */
export function consume({ route, frame }: Letter): void {
  if (frame !== undefined) route?.consumed(frame)
}

/** The messages of a server, in order. Taking one costs the same however many wait. */
export class ServerQueue {
  #letters: Letter[] = []
  #taken = 0
  /** Passed over while the server is suspended. */
  #held: Letter[] = []

  add(letter: Letter): void {
    this.#letters.push(letter)
  }

  take(): Letter | undefined {
    const letter = this.#letters[this.#taken]
    if (letter === undefined) return undefined
    this.#taken += 1
    // What has been taken is let go of in portions that are at least half of the array.
    if (this.#taken * 2 > this.#letters.length) this.#forgetTaken()
    return letter
  }

  /** The next one that is meant; those before it are held until `release`. */
  takeOnly(isMeant: (message: Term) => boolean): Letter | undefined {
    for (let letter = this.take(); letter !== undefined; letter = this.take()) {
      if (isMeant(letter.message)) return letter
      this.#held.push(letter)
    }
    return undefined
  }

  /** Puts what was held back to the front, in order. */
  release(): void {
    if (this.#held.length === 0) return
    this.#forgetTaken()
    this.#letters = this.#held.concat(this.#letters)
    this.#held = []
  }

  /** Takes out messages of this node, for which nothing is owed. */
  discard(isMeant: (message: Term) => boolean): void {
    this.release()
    this.#forgetTaken()
    this.#letters = this.#letters.filter(({ message }) => !isMeant(message))
  }

  /** Gives back what all that wait were charged with. */
  clear(): void {
    this.release()
    for (let letter = this.take(); letter !== undefined; letter = this.take()) consume(letter)
  }

  #forgetTaken(): void {
    this.#letters = this.#letters.slice(this.#taken)
    this.#taken = 0
  }
}
