/** Longer texts are not remembered; up to here, a part of a string is a copy and pins nothing. */
export const longestKnown = 12

const slots = 512
const slotBytes = 16

/**
 * Remembers short ASCII texts by their bytes: keys come again and again, and giving the same string
 * each time makes it a property's name much faster than a new one.
 */
export class KnownTexts {
  private readonly texts: string[] = new Array(slots).fill('')
  /** What the texts are in bytes, one slot after the other. */
  private readonly bytes = Buffer.alloc(slots * slotBytes)

  find(bytes: Buffer, from: number, length: number): string | undefined {
    const slot = slotOf(bytes, from, length)
    const text = this.texts[slot] as string
    if (text.length !== length) return undefined
    const at = slot * slotBytes
    for (let i = 0; i < length; i++) {
      if (this.bytes[at + i] !== bytes[from + i]) return undefined
    }
    return text
  }

  add(bytes: Buffer, from: number, text: string): void {
    const slot = slotOf(bytes, from, text.length)
    const at = slot * slotBytes
    this.texts[slot] = text
    for (let i = 0; i < text.length; i++) this.bytes[at + i] = bytes[from + i] as number
  }
}

/** From the length and three of the bytes; of no bytes, the slot of ''. */
function slotOf(bytes: Buffer, from: number, length: number): number {
  if (length === 0) return 0
  const first = bytes[from] as number
  const middle = bytes[from + (length >> 1)] as number
  const last = bytes[from + length - 1] as number
  return (length + first * 3 + middle * 37 + last * 101) & (slots - 1)
}
