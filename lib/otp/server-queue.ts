import type { Letter } from '../node/letter.js'
import type { Term } from '../term/term.js'

/** The messages of a server, in order. Taking one costs the same however many wait. */
export class ServerQueue {
  #letters: Letter<Term>[] = []
  #taken = 0
  /** Passed over while the server is suspended. */
  #held: Letter<Term>[] = []

  add(letter: Letter<Term>): void {
    this.#letters.push(letter)
  }

  take(): Letter<Term> | undefined {
    const letter = this.#letters[this.#taken]
    if (letter === undefined) return undefined
    this.#taken += 1
    // What has been taken is let go of in portions that are at least half of the array.
    if (this.#taken * 2 > this.#letters.length) this.#forgetTaken()
    return letter
  }

  /** The next one that is meant; those before it are held until `release`. */
  takeOnly(isMeant: (message: Term) => boolean): Letter<Term> | undefined {
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

  /** Empties it; gives what was left. */
  clear(): readonly Letter<Term>[] {
    this.release()
    this.#forgetTaken()
    const rest = this.#letters
    this.#letters = []
    for (const letter of rest) letter.consume()
    return rest
  }

  #forgetTaken(): void {
    this.#letters = this.#letters.slice(this.#taken)
    this.#taken = 0
  }
}
