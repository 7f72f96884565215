import type { Term, TermInput } from '../term/term.js'
import { AtomBook } from './atom-book.js'
import { AtomSource, AtomValues } from './atom-values.js'
import type { NativeAddon } from './contract.js'
import { DecodeMemory } from './decode-memory.js'
import { EncodeAttachment } from './encode-memory.js'
import { EncodedBytes } from './encoded-bytes.js'
import { KeyTexts } from './key-texts.js'
import type { EncodeOptions, ResolvedDecodeOptions } from './options.js'
import { RawTerms } from './raw-terms.js'
import { noBody } from './tape.js'
import { TapeReader } from './tape-reader.js'
import { TapeWriter } from './tape-writer.js'

/** The codec of one environment: everything that shares the addon's attached buffers. */
export class NativeCodec {
  private readonly book: AtomBook
  private readonly keys: KeyTexts
  private readonly raws: RawTerms
  private readonly writer: TapeWriter
  private readonly addon: NativeAddon
  private readonly atomValues: AtomValues
  private readonly reader: TapeReader
  private readonly encodeAttachment: EncodeAttachment
  private readonly decodeMemory: DecodeMemory
  private readonly results: EncodedBytes
  /**
   * What is being decoded. One for all: the collector would have to be told of each new one that
   * the reader's parts refer to.
   */
  private readonly body = { ...noBody }

  constructor(addon: NativeAddon) {
    this.book = new AtomBook(addon)
    this.keys = new KeyTexts(addon)
    this.raws = new RawTerms(addon)
    this.writer = this.newWriter()
    this.addon = addon
    this.atomValues = new AtomValues(addon, AtomSource.Decode)
    this.reader = new TapeReader(this.atomValues)
    this.encodeAttachment = new EncodeAttachment(addon)
    this.decodeMemory = new DecodeMemory(addon)
    this.results = new EncodedBytes(addon)
  }

  encode(term: TermInput, options: EncodeOptions): Buffer {
    const writer = this.openWriter()
    try {
      writer.term(term, options)
      this.encodeAttachment.use(writer.output.memory)
      return this.results.encode(writer.output)
    } finally {
      this.closeWriter(writer)
    }
  }

  /** `bytes` begin with the version byte. Only if they are shared may they change meanwhile. */
  decode(bytes: Buffer, options: ResolvedDecodeOptions): Term {
    if (this.atomValues.isFull) this.renewAtoms()
    const tape = this.decodeMemory.decode(bytes)
    if (tape === undefined) return this.decode(Buffer.from(bytes), options)
    const { body } = this
    body.bytes = bytes
    body.end = bytes.length
    try {
      return this.reader.read(tape, 0, body, options)
    } finally {
      body.bytes = noBody.bytes
    }
  }

  /** A writer that is begun, and to be closed. */
  private openWriter(): TapeWriter {
    // A getter of the value being encoded can bring us here once more.
    const writer = this.writer.isBusy ? this.newWriter() : this.writer
    writer.begin()
    return writer
  }

  /** A writer of tapes that mention atoms and keys by the numbers of this codec. */
  newWriter(): TapeWriter {
    return new TapeWriter(this.book, this.keys, this.raws)
  }

  private renewAtoms(): void {
    this.addon.renewAtoms()
    this.atomValues.renewed()
  }

  private closeWriter(writer: TapeWriter): void {
    writer.end()
    writer.output.shrink()
    this.encodeAttachment.settle(writer.output.memory)
  }
}
