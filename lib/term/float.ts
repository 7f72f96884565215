import { inspect } from 'node:util'
import { invalidArgument, outOfRange } from '../errors.js'
import { brand, brandedKind } from './brand.js'
import { floatText } from './float-text.js'
import type { CustomInspectOptions } from './inspect.js'

/**
 * A float that stays one: a plain `1` is Erlang's integer 1, `float(1)` is 1.0. Decoding gives it
 * with `floats: 'wrap'`, and as the key of a map where a plain number would meet an integer.
 */
export class Float {
  declare readonly kind: 'float'
  readonly value: number

  constructor(value: number) {
    this.value = value
  }

  /** True for a `Float`, also for one of another copy of this package. */
  static is(value: unknown): value is Float {
    return value instanceof Float || brandedKind(value) === 'float'
  }

  /** The number, so that it can be calculated with. */
  valueOf(): number {
    return this.value
  }

  /** As Erlang prints it: `1.0`. */
  toString(): string {
    return floatText(this.value)
  }

  /** The number. */
  toJSON(): number {
    return this.value
  }

  [inspect.custom](_depth: number, options: CustomInspectOptions): string {
    return options.stylize(floatText(this.value), 'number')
  }
}
brand(Float.prototype, 'float')

/** The float of a number; RangeError for NaN and the infinities, which Erlang does not have. */
export function float(value: number): Float {
  if (typeof value !== 'number') throw invalidArgument('value of a float', 'a number', value)
  if (!Number.isFinite(value)) throw outOfRange('value of a float', 'finite', value)
  return new Float(value)
}
