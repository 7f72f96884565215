import { ErlangError } from '../errors.js'
import type { NativeAddon } from './contract.js'
import { tapeOver } from './tape.js'

const startBytes = 64 * 1024
/** Memory beyond this, in either part, is not kept from one term to the next. */
const keptBytes = 4 * 1024 * 1024
/** Ranges on the tape are signed words. */
const largestBytes = 2 ** 31 - 8

/** The two parts of an encode tape: its ops, and the text region that they point into. */
export class EncodeMemory {
  ops = new ArrayBuffer(startBytes)
  text = new ArrayBuffer(startBytes)
  words = tapeOver(this.ops).words
  doubles = tapeOver(this.ops).doubles
  bytes = Buffer.from(this.text)
  /** Whether this is more than is kept from one term to the next. */
  isLarge = false

  /** Makes room for `count` words behind the first `used`. */
  growWords(used: number, count: number): void {
    this.setOps(grown(this.ops, used * 4, (used + count) * 4))
  }

  /** Makes room for `count` bytes of text behind the first `used`. */
  growText(used: number, count: number): void {
    this.setText(grown(this.text, used, used + count))
  }

  /** Lets go of what only a large term needed; whether there was such. */
  shrink(): boolean {
    if (!this.isLarge) return false
    this.setOps(new ArrayBuffer(startBytes))
    this.setText(new ArrayBuffer(startBytes))
    return true
  }

  private setOps(ops: ArrayBuffer): void {
    const tape = tapeOver(ops)
    this.ops = ops
    this.words = tape.words
    this.doubles = tape.doubles
    this.judge()
  }

  private setText(text: ArrayBuffer): void {
    this.text = text
    this.bytes = Buffer.from(text)
    this.judge()
  }

  private judge(): void {
    this.isLarge = this.ops.byteLength > keptBytes || this.text.byteLength > keptBytes
  }
}

function grown(memory: ArrayBuffer, used: number, needed: number): ArrayBuffer {
  if (needed > largestBytes) {
    throw new ErlangError('ERR_ERL_ENCODE', 'the value needs more than 2 GiB to encode')
  }
  const larger = new ArrayBuffer(Math.min(largestBytes, Math.max(needed, memory.byteLength * 2)))
  new Uint8Array(larger).set(new Uint8Array(memory, 0, used))
  return larger
}

/** Hands encode memory to the addon, when it is not the one that the addon has already. */
export class EncodeAttachment {
  private ops: ArrayBuffer | undefined
  private text: ArrayBuffer | undefined
  private isLarge = false

  constructor(private readonly addon: Pick<NativeAddon, 'attach'>) {}

  use(memory: EncodeMemory): void {
    if (memory.ops === this.ops && memory.text === this.text) return
    this.addon.attach({ encodeOps: memory.ops, encodeText: memory.text })
    this.ops = memory.ops
    this.text = memory.text
    this.isLarge = memory.isLarge
  }

  /** Has the addon let go of memory that a large term needed: `memory` has let go of it. */
  settle(memory: EncodeMemory): void {
    if (this.isLarge) this.use(memory)
  }
}
