import { decode } from '../native/codec.js'
import type { Operation } from '../native/contract.js'
import type { ResolvedDecodeOptions } from '../native/options.js'
import type { Term } from '../term/term.js'
import type { InboundFrame } from './route.js'

/** A frame whose payload is kept as bytes, so that it can be read later and more than once. */
export class BytesFrame implements InboundFrame {
  readonly operation: Operation
  readonly fields: readonly Term[]
  readonly channel = 0
  readonly charge = 0
  /** With the version byte; undefined for operations without payload. */
  readonly #bytes: Buffer | undefined

  constructor(operation: Operation, fields: readonly Term[], bytes: Buffer | undefined) {
    this.operation = operation
    this.fields = fields
    this.#bytes = bytes
  }

  /** The same frame, its payload copied out of the reactor's memory. */
  static of(frame: InboundFrame): BytesFrame {
    const bytes = Buffer.concat([Buffer.of(131), frame.raw()])
    return new BytesFrame(frame.operation, frame.fields, bytes)
  }

  payload(options?: ResolvedDecodeOptions): Term {
    return decode(this.#bytes ?? Buffer.alloc(0), options)
  }

  raw(): Buffer {
    return Buffer.from((this.#bytes ?? Buffer.alloc(1)).subarray(1))
  }
}
