import { Op } from './tape-ops.js'
import type { TapeOutput } from './tape-output.js'

const { Binary: kBinary } = Op

/** Keys beyond these limits are written like any text. */
const mostKeys = 1024
const longestKey = 64

/** A key that has been met, and where it lies in the text region of one tape. */
interface KeyText {
  readonly key: string
  /** The key that came after it the last time. */
  next: KeyText | undefined
  tape: number
  offset: number
  bytes: number
}

/**
 * Writes the keys of plain objects as binaries. Rows have the same keys in the same order: each key
 * foretells the next, and its text is in the text region already.
 */
export class KeyTexts {
  private readonly byKey = new Map<string, KeyText>()
  private last: KeyText = { key: '', next: undefined, tape: 0, offset: 0, bytes: 0 }
  private tape = 0

  /** A new tape, which has no texts yet. */
  begin(): void {
    this.tape++
  }

  put(key: string, output: TapeOutput): void {
    let text = this.last.next
    if (text === undefined || text.key !== key) text = this.find(key)
    if (text === undefined) {
      output.text(kBinary, key)
      return
    }
    this.last = text
    if (text.tape === this.tape) {
      output.op2(kBinary, text.offset, text.bytes)
      return
    }
    text.offset = output.textBytes
    if (output.shortText(kBinary, key)) {
      text.bytes = output.textBytes - text.offset
      text.tape = this.tape
    } else output.text(kBinary, key)
  }

  private find(key: string): KeyText | undefined {
    let text = this.byKey.get(key)
    if (text === undefined) {
      if (key.length > longestKey) return undefined
      if (this.byKey.size === mostKeys) this.byKey.clear()
      text = { key, next: undefined, tape: 0, offset: 0, bytes: 0 }
      this.byKey.set(key, text)
    }
    this.last.next = text
    return text
  }
}
