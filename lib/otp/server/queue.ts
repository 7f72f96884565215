import type { Letter } from '../../node/process/letter.js'
import { LetterQueue } from '../../node/process/letter-queue.js'
import type { Term } from '../../term/term.js'

/** The messages of a server, of which a suspended one deals with some and holds back the others. */
export class ServerQueue extends LetterQueue<Letter<Term>> {
  #held: Letter<Term>[] = []

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
    this.putBack(this.#held)
    this.#held = []
  }

  override discard(isMeant: (message: Term) => boolean): void {
    this.release()
    super.discard(isMeant)
  }

  override clear(): readonly Letter<Term>[] {
    this.release()
    return super.clear()
  }
}
