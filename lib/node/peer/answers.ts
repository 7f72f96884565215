/** After so large a part of the mark it is noted how much has been answered by then. */
const notesPerMark = 8

interface Note {
  /** Bytes handed over by then, of all kinds. */
  readonly handed: number
  /** Bytes of answers among them. */
  readonly answers: number
}

/**
 * How much of what one channel has to write are answers: what the peer itself has caused. A peer that
 * asks and does not read would have them pile up without end, where who sends by himself can wait.
 * Exact to an eighth of the mark.
 */
export class Answers {
  readonly #mark: number
  readonly #notes: Note[] = []
  #handed = 0
  #written = 0

  constructor(mark: number) {
    this.#mark = mark
  }

  /** Whether more waits than may. */
  get areTooMany(): boolean {
    return this.#handed - this.#written > this.#mark
  }

  /** An answer of `cost` is the last of `handed` bytes. */
  add(cost: number, handed: number): void {
    this.#handed += cost
    const noted = this.#notes.at(-1)?.answers ?? this.#written
    if (this.#handed - noted < this.#mark / notesPerMark) return
    this.#notes.push({ handed, answers: this.#handed })
  }

  /** The first `written` bytes, of all kinds, are written; `handed` have been handed over. */
  written(written: number, handed: number): void {
    if (written >= handed) {
      this.#notes.length = 0
      this.#written = this.#handed
    }
    while (this.#notes[0] !== undefined && this.#notes[0].handed <= written) {
      this.#written = this.#notes.shift()?.answers ?? this.#written
    }
  }
}
