import { isAscii, isUtf8 } from 'node:buffer'
import { KnownTexts, longestKnown } from './known-texts.js'
import type { Body } from './tape.js'

/** The conversions of Buffer without their argument checks: a fifth of `toString`'s cost. */
interface Slicing {
  latin1Slice(from: number, to: number): string
  utf8Slice(from: number, to: number): string
}

/** A kept string may pin the window it is a part of. */
const largestWindowBytes = 8 * 1024
const firstWindowBytes = 2 * 1024

/**
 * Makes strings out of ranges of a body.
 *
 * A window of the body becomes one Latin-1 string, and every ASCII range in it a part of that.
 * What is not ASCII is decoded by itself.
 */
export class BodyText {
  private body: Body | undefined
  private window = ''
  private windowStart = 0
  private windowEnd = 0
  private isWindowAscii = false
  private nextWindowBytes = firstWindowBytes
  private readonly known = new KnownTexts()

  begin(body: Body): void {
    this.body = body
    this.windowStart = 0
    this.windowEnd = 0
    this.nextWindowBytes = firstWindowBytes
  }

  /** Lets go of the body. */
  end(): void {
    this.body = undefined
    this.window = ''
  }

  /** The text of UTF-8 bytes, or undefined when they are none. `from` counts in the body's bytes. */
  utf8(from: number, length: number): string | undefined {
    const { bytes } = this.body as Body
    if (length > largestWindowBytes) return utf8Text(bytes, from, from + length)
    if (length > longestKnown) return this.part(from, length)
    const known = this.known.find(bytes, from, length)
    if (known !== undefined) return known
    const text = this.part(from, length)
    if (text?.length === length) this.known.add(bytes, from, text)
    return text
  }

  private part(from: number, length: number): string | undefined {
    if (from < this.windowStart || from + length > this.windowEnd) this.openWindow(from, length)
    if (!this.isWindowAscii && !isAsciiRange((this.body as Body).bytes, from, length)) {
      return utf8Text((this.body as Body).bytes, from, from + length)
    }
    const at = from - this.windowStart
    return this.window.substring(at, at + length)
  }

  private openWindow(from: number, length: number): void {
    const { bytes, end } = this.body as Body
    const size = Math.min(end - from, Math.max(length, this.nextWindowBytes))
    this.nextWindowBytes = Math.min(this.nextWindowBytes * 4, largestWindowBytes)
    this.window = latin1Text(bytes, from, from + size)
    this.windowStart = from
    this.windowEnd = from + size
    // Tags and short lengths are ASCII too: a window without floats and the like can be all ASCII.
    this.isWindowAscii = size > askedBytes && isAscii(bytes.subarray(from, from + size))
  }
}

/** Below this, looking at each text costs less than asking for the window. */
const askedBytes = 128

export function latin1Text(bytes: Buffer, from: number, to: number): string {
  return (bytes as unknown as Slicing).latin1Slice(from, to)
}

const replacement = '\ufffd'

/**
 * The text of UTF-8 bytes, or undefined when they are none. `utf8Slice` puts U+FFFD for what is no
 * UTF-8: only where that occurs is it worth asking which it was.
 */
export function utf8Text(bytes: Buffer, from: number, to: number): string | undefined {
  const text = (bytes as unknown as Slicing).utf8Slice(from, to)
  if (!text.includes(replacement)) return text
  return isUtf8(bytes.subarray(from, to)) ? text : undefined
}

function isAsciiRange(bytes: Buffer, from: number, length: number): boolean {
  let seen = 0
  for (let i = from; i < from + length; i++) seen |= bytes[i] as number
  return seen < 0x80
}
