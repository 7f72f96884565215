import type { Letter } from './letter.js'

/** Letters in order. Taking one costs the same however many wait. */
export class LetterQueue<L extends Letter<unknown>> {
  #letters: L[] = []
  #taken = 0

  add(letter: L): void {
    this.#letters.push(letter)
  }

  take(): L | undefined {
    const letter = this.#letters[this.#taken]
    if (letter === undefined) return undefined
    this.#taken += 1
    // What has been taken is let go of in portions that are at least half of the array.
    if (this.#taken * 2 > this.#letters.length) this.#forgetTaken()
    return letter
  }

  /** Puts letters that were taken back before the others. */
  putBack(letters: readonly L[]): void {
    this.#forgetTaken()
    this.#letters = letters.concat(this.#letters)
  }

  /** Takes out those that are meant, which counts as dealt with. */
  discard(isMeant: (message: L['message']) => boolean): void {
    this.#forgetTaken()
    this.#letters = this.#letters.filter((letter) => {
      if (!isMeant(letter.message)) return true
      letter.consume()
      return false
    })
  }

  /** Empties it; gives what was left, which counts as dealt with. */
  clear(): readonly L[] {
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
