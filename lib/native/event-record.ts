import { type NativeAddon, type NativeLargeRecord, RecordFlag, RecordWord } from './contract.js'
import { FastBuffer } from './fast-buffer.js'
import { type Body, type Tape, tapeOver } from './tape.js'

/**
 * Up to this size a body is copied into memory that JavaScript allocates: an ArrayBuffer over native
 * memory costs 8 µs to make and to free, copying 64 KiB costs 4 µs.
 */
const largestCopiedBytes = 128 * 1024

type LargeSource = Pick<NativeAddon, 'takeLarge' | 'takeBody'>

/** One record of the event buffer. */
export interface EventRecord {
  /** `EventKind` */
  readonly kind: number
  /** Of a channel, or of a node. */
  readonly id: number
  readonly charge: number
  readonly operation: number
  readonly hasPayload: boolean
  /** Where the payload's term begins in the body, when there is one. */
  readonly payloadAt: number
  readonly tape: Tape
  /** The word at which its tape begins. */
  readonly tapeAt: number
  readonly body: Body
}

/** The memory in which records come, and where the next one begins. */
export class EventBuffer {
  readonly memory: ArrayBuffer
  private readonly tape: Tape
  private readonly bytes: Buffer
  private at = 0
  private end = 0

  constructor(size: number) {
    this.memory = new ArrayBuffer(size)
    this.tape = tapeOver(this.memory)
    this.bytes = new FastBuffer(this.memory, 0, size)
  }

  /** The addon has put records into the first `bytes`. */
  fill(bytes: number): void {
    this.at = 0
    this.end = bytes >> 2
  }

  /** The next record; undefined when all have been given. */
  next(addon: LargeSource): EventRecord | undefined {
    if (this.at >= this.end) return undefined
    const { words } = this.tape
    const head = this.at
    const flags = words[head + RecordWord.Flags] as number
    this.at += (words[head + RecordWord.Bytes] as number) >> 2
    const isLarge = (flags & RecordFlag.Large) !== 0
    const hasOps = !isLarge || this.at > head + RecordWord.HeaderWords
    const large = hasOps ? undefined : addon.takeLarge()
    return {
      kind: words[head + RecordWord.Kind] as number,
      id: (words[head + RecordWord.Channel] as number) >>> 0,
      charge: (words[head + RecordWord.Charge] as number) >>> 0,
      operation: words[head + RecordWord.Operation] as number,
      hasPayload: (flags & RecordFlag.Payload) !== 0,
      payloadAt: flags >>> RecordFlag.PayloadAtShift,
      tape: large === undefined ? this.tape : tapeOver(large.ops),
      tapeAt: large === undefined ? head + RecordWord.HeaderWords : 0,
      body: isLarge ? this.largeBody(head, large ?? addon) : this.bodyOf(head),
    }
  }

  /** The body of a large record, whose ops are here or were taken with it. */
  private largeBody(head: number, from: NativeLargeRecord | LargeSource): Body {
    if ('body' in from) return bodyOver(from.body)
    const size = this.tape.words[head + RecordWord.BodyBytes] as number
    if (size > largestCopiedBytes) return bodyOver(from.takeLarge().body)
    const bytes = Buffer.allocUnsafeSlow(size)
    from.takeBody(bytes)
    return { bytes, start: 0, end: size, isStable: true }
  }

  private bodyOf(head: number): Body {
    const { words } = this.tape
    const opsEnd = head + RecordWord.HeaderWords + (words[head + RecordWord.OpsWords] as number)
    // Padded to 8 bytes.
    const start = ((opsEnd + 1) & ~1) * 4
    const end = start + (words[head + RecordWord.BodyBytes] as number)
    return { bytes: this.bytes, start, end, isStable: false }
  }
}

/** A body that came in memory of its own, which is ours alone. */
function bodyOver(memory: ArrayBuffer): Body {
  const end = memory.byteLength
  return { bytes: new FastBuffer(memory, 0, end), start: 0, end, isStable: true }
}
