import { FrameColumn, type NativeAddon } from './contract.js'
import type { EncodeMemory } from './encode-memory.js'
import type { TapeWriter } from './tape-writer.js'

const mostFrames = 256

/** Which memory the addon takes frames from: that of one batch at a time. */
export class FrameAttachment {
  private ops: ArrayBuffer | undefined
  private text: ArrayBuffer | undefined

  constructor(readonly addon: Pick<NativeAddon, 'attach' | 'send'>) {}

  use({ ops, text }: Pick<EncodeMemory, 'ops' | 'text'>, table: Float64Array<ArrayBuffer>): void {
    if (ops === this.ops && text === this.text) return
    this.addon.attach({ frameOps: ops, frameText: text, frameTable: table.buffer })
    this.ops = ops
    this.text = text
  }
}

/**
 * Frames that are handed to the addon together: a call of it costs as much as to write a small frame.
 * Their tapes lie behind each other in one memory.
 */
export class FrameBatch {
  private readonly table = new Float64Array(mostFrames * FrameColumn.Columns)
  private count = 0
  /** What is taken up by the frames that were added. */
  private words = 0
  private textBytes = 0
  /** Of a frame that refers to byte arrays beside its tape, and is the only one then. */
  private ticket = 0
  private shared: readonly Uint8Array[] | undefined

  constructor(
    private readonly attachment: FrameAttachment,
    private readonly writer: TapeWriter,
  ) {}

  /** Whether a frame is being written: no other can be begun. */
  get isBusy(): boolean {
    return this.writer.isBusy
  }

  /** Begins one more frame. `end` must follow. */
  begin(): TapeWriter {
    this.writer.begin(this.words, this.textBytes)
    return this.writer
  }

  /** Takes in what was written since `begin`. A frame with a ticket is to be flushed at once. */
  add(channel: number, cost: number, ticket: number): void {
    const { output } = this.writer
    if (ticket !== 0 || this.count === mostFrames) this.flush()
    const row = this.count * FrameColumn.Columns
    this.table[row + FrameColumn.Channel] = channel
    this.table[row + FrameColumn.Start] = output.firstWord
    this.table[row + FrameColumn.Cost] = cost
    this.count++
    // The next tape has to begin at an even word.
    this.words = (output.words + 1) & ~1
    this.textBytes = output.textBytes
    this.ticket = ticket
    this.shared = output.shared
  }

  /** Of what was written and not added nothing remains. */
  end(): void {
    this.writer.end()
  }

  /** Hands over what was added. */
  flush(): void {
    if (this.count === 0) return
    const { memory } = this.writer.output
    this.attachment.use(memory, this.table)
    this.attachment.addon.send(this.count, this.words, this.textBytes, this.ticket, this.shared)
    this.count = 0
    this.ticket = 0
    this.shared = undefined
    // While a frame is being written it stays where it is.
    if (this.isBusy) return
    this.words = 0
    this.textBytes = 0
    this.writer.output.shrink()
    // So that the addon, too, lets go of memory that was large.
    this.attachment.use(memory, this.table)
  }
}
