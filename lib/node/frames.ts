import { decode, encode } from '../native/codec.js'
import type { Operation } from '../native/contract.js'
import type { ResolvedDecodeOptions } from '../native/options.js'
import { atom } from '../term/atom.js'
import type { Term } from '../term/term.js'
import { tuple } from '../term/tuple.js'
import type { InboundFrame } from './route.js'

/** A frame whose payload, the reason of an exit, could not be read: `{unreadable, Why}` stands for it. */
export class UnreadableReason implements InboundFrame {
  readonly operation: Operation
  readonly fields: readonly Term[]
  readonly channel: number
  readonly charge: number
  readonly #reason: Term

  constructor({ operation, fields, channel, charge, payloadError }: InboundFrame) {
    this.operation = operation
    this.fields = fields
    this.channel = channel
    this.charge = charge
    this.#reason = tuple(atom('unreadable'), Buffer.from(payloadError ?? '')) as Term
  }

  payload(): Term {
    return this.#reason
  }

  raw(): Buffer {
    return encode(this.#reason).subarray(1)
  }
}

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
