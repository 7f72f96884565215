import { inspect } from 'node:util'
import { brand, brandedKind } from './brand.js'
import { checkBytes } from './checks.js'

/**
 * A term in its sender's private format (LOCAL_EXT). Only the node that made it can read it; it goes
 * back as the bytes that came.
 */
export class LocalTerm {
  declare readonly kind: 'local'
  /** The whole term, its tag 121 included. */
  readonly bytes: Uint8Array

  constructor(bytes: Uint8Array) {
    checkBytes('bytes', bytes)
    this.bytes = bytes
  }

  /** True for a `LocalTerm`, also for one of another copy of this package. */
  static is(value: unknown): value is LocalTerm {
    return value instanceof LocalTerm || brandedKind(value) === 'local'
  }

  /** What it is and how many bytes it has. */
  toString(): string {
    return `#Local<${this.bytes.length} bytes>`
  }

  /** What `toString` gives: JSON has no such value. */
  toJSON(): string {
    return this.toString()
  }

  [inspect.custom](): string {
    return this.toString()
  }
}
brand(LocalTerm.prototype, 'local')
