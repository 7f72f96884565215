import type { Term } from '../term/term.js'
import type { Operation } from './contract.js'
import type { EventRecord } from './event-record.js'
import { defaultDecodeOptions, type ResolvedDecodeOptions } from './options.js'
import type { TapeReader } from './tape-reader.js'

/**
 * One frame from a peer. The payload is read when it is asked for, with the options of whoever it is
 * for, and only while the frame is being delivered: its memory is used again afterwards.
 */
export class Frame {
  readonly channel: number
  readonly operation: Operation
  /** The fields of the operation, as `Operation` in contract.ts lists them. */
  readonly fields: readonly Term[]
  /** Bytes to give back with `credit`. */
  readonly charge: number
  readonly hasPayload: boolean
  /** What is wrong with the payload; the control part is good. */
  readonly payloadError: string | undefined
  private record: EventRecord | undefined
  private readonly payloadTape: number

  constructor(
    record: EventRecord,
    fields: readonly Term[],
    payloadError: string | undefined,
    private readonly reader: TapeReader,
  ) {
    this.channel = record.id
    this.operation = record.operation as Operation
    this.fields = fields
    this.charge = record.charge
    this.hasPayload = record.hasPayload
    this.payloadError = payloadError
    this.record = record
    this.payloadTape = reader.end
  }

  /** Errors: TypeError when the frame has no payload, or has been delivered. */
  payload(options: ResolvedDecodeOptions = defaultDecodeOptions): Term {
    const { tape, body } = this.open()
    return this.reader.read(tape, this.payloadTape, body, options)
  }

  /** The bytes of the payload, without version byte, copied. Errors: as with `payload`. */
  raw(): Buffer {
    const { body, payloadAt } = this.open()
    return Buffer.from(body.bytes.subarray(body.start + payloadAt, body.end))
  }

  /** @internal Its memory is about to be used again. */
  delivered(): void {
    this.record = undefined
  }

  private open(): EventRecord {
    if (this.record === undefined) throw new TypeError('the frame has been delivered')
    if (!this.hasPayload) throw new TypeError('the frame has no payload')
    return this.record
  }
}
