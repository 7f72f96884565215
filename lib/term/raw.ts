import { inspect } from 'node:util'
import { outOfRange } from '../errors.js'
import { brand, brandedKind } from './brand.js'
import { checkBytes } from './checks.js'

const versionByte = 131

/**
 * One whole term in the external term format, written out as it is: from a peer (a message taken raw)
 * or from `encode`, but for its first byte. `encode` and what sends refuse bytes that are no term.
 */
export class RawTerm {
  declare readonly kind: 'raw'
  /** Without version byte. */
  readonly bytes: Uint8Array

  /** Errors: TypeError for what is no Uint8Array; RangeError for bytes that begin with the version byte, as those of `encode` do. */
  constructor(bytes: Uint8Array) {
    checkBytes('bytes', bytes)
    if (bytes[0] === versionByte) {
      throw outOfRange('bytes', 'a term without its version byte: encode(…).subarray(1)', bytes[0])
    }
    this.bytes = bytes
  }

  /** True for a `RawTerm`, also for one of another copy of this package. */
  static is(value: unknown): value is RawTerm {
    return value instanceof RawTerm || brandedKind(value) === 'raw'
  }

  /** What it is and how many bytes it has. */
  toString(): string {
    return `#Raw<${this.bytes.length} bytes>`
  }

  /** What `toString` gives: JSON has no such value. */
  toJSON(): string {
    return this.toString()
  }

  [inspect.custom](): string {
    return this.toString()
  }
}
brand(RawTerm.prototype, 'raw')
