/** Memory that holds a tape, seen as words and, for the doubles, as 64-bit floats. */
export interface Tape {
  readonly words: Int32Array
  readonly doubles: Float64Array
}

export function tapeOver(memory: ArrayBuffer): Tape {
  return {
    words: new Int32Array(memory, 0, memory.byteLength >> 2),
    doubles: new Float64Array(memory, 0, memory.byteLength >> 3),
  }
}

/** The word of an op's first double, when its other words end before `at`: an even one. */
export function doubleWord(at: number): number {
  return (at + 1) & ~1
}

/** The bytes that the ranges of a tape point into. */
export interface Body {
  readonly bytes: Buffer
  /** Where range offset 0 lies in `bytes`. */
  readonly start: number
  readonly end: number
  /** Whether `bytes` stay as they are, so that a value may be a view of them. */
  readonly isStable: boolean
}

/** What a reader holds between two reads. */
export const noTape: Tape = tapeOver(new ArrayBuffer(0))
export const noBody: Body = { bytes: Buffer.alloc(0), start: 0, end: 0, isStable: true }
