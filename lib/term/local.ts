import { inspect } from 'node:util'
import { brand } from './brand.js'

/**
 * A term in its sender's private format (LOCAL_EXT). Only the node that made it can read it; it goes
 * back as the bytes that came.
 */
export class LocalTerm {
  declare readonly kind: 'local'
  /** The whole term, its tag 121 included. */
  readonly bytes: Uint8Array

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
  }

  static is(value: unknown): value is LocalTerm {
    return isBranded(value)
  }

  toString(): string {
    return `#Local<${this.bytes.length} bytes>`
  }

  toJSON(): string {
    return this.toString()
  }

  [inspect.custom](): string {
    return this.toString()
  }
}
const isBranded = brand(LocalTerm.prototype, 'local')
