import { Float } from '../float.js'
import type { Source } from './source.js'

const ERLANG_NUMBER =
  /(\d+(?:_\d+)*)(?:#([0-9A-Za-z]+(?:_[0-9A-Za-z]+)*)|(\.\d+(?:_\d+)*(?:[eE][+-]?\d+(?:_\d+)*)?))?/y
const ELIXIR_NUMBER =
  /0([xbo])([0-9A-Fa-f]+(?:_[0-9A-Fa-f]+)*)|(\d+(?:_\d+)*)(\.\d+(?:_\d+)*(?:[eE][+-]?\d+(?:_\d+)*)?)?/y

const ELIXIR_BASES: Readonly<Record<string, number>> = { x: 16, b: 2, o: 8 }

/** `42`, `16#FF`, `1_000`, `1.5e-3`; the sign is read by the caller. */
export function readErlangNumber(source: Source, isNegative: boolean): number | bigint | Float {
  const start = source.at
  const [, digits = '', based, fraction] = source.match(ERLANG_NUMBER) ?? source.fail('a number')
  checkEnd(source)
  if (fraction !== undefined) return floatOf(source, digits + fraction, isNegative, start)
  if (based === undefined) return decimal(digits, isNegative)
  const base = Number(digits.replaceAll('_', ''))
  if (base < 2 || base > 36) source.fail('a base from 2 to 36', start)
  return integerIn(source, base, based, isNegative, start)
}

/** `42`, `0xFF`, `1_000`, `1.5e-3`. */
export function readElixirNumber(source: Source, isNegative: boolean): number | bigint | Float {
  const start = source.at
  const [, letter, based = '', digits = '', fraction] =
    source.match(ELIXIR_NUMBER) ?? source.fail('a number')
  checkEnd(source)
  if (letter !== undefined) {
    return integerIn(source, ELIXIR_BASES[letter] ?? 10, based, isNegative, start)
  }
  return fraction === undefined
    ? decimal(digits, isNegative)
    : floatOf(source, digits + fraction, isNegative, start)
}

/** `1a` is no number with something behind it, but a mistake. */
function checkEnd(source: Source): void {
  const code = source.code()
  const isWord = (code | 32) >= 0x61 && (code | 32) <= 0x7a
  if (isWord || code === 0x5f) source.fail('a number that ends here')
}

function floatOf(source: Source, text: string, isNegative: boolean, at: number): number | Float {
  const magnitude = Number(text.replaceAll('_', ''))
  if (!Number.isFinite(magnitude)) source.fail('a float within the range of 64 bits', at)
  const value = isNegative ? -magnitude : magnitude
  // A plain 1 would be the integer.
  return Number.isSafeInteger(value) ? new Float(value) : value
}

function decimal(text: string, isNegative: boolean): number | bigint {
  const digits = text.replaceAll('_', '')
  return signed(digits.length < 16 ? Number(digits) : BigInt(digits), isNegative)
}

function integerIn(
  source: Source,
  base: number,
  text: string,
  isNegative: boolean,
  at: number,
): number | bigint {
  const digits = text.replaceAll('_', '').toLowerCase()
  for (const digit of digits) {
    if (Number.parseInt(digit, 36) >= base) source.fail(`digits of base ${base}`, at)
  }
  return signed(valueIn(BigInt(base), digits), isNegative)
}

/** By halves, so that long numbers cost no square of their length. */
function valueIn(base: bigint, digits: string): bigint {
  if (digits.length <= 8) return BigInt(Number.parseInt(digits, Number(base)))
  const low = digits.length >> 1
  const high = digits.length - low
  return (
    valueIn(base, digits.slice(0, high)) * base ** BigInt(low) + valueIn(base, digits.slice(high))
  )
}

function signed(magnitude: number | bigint, isNegative: boolean): number | bigint {
  if (typeof magnitude === 'number') return isNegative && magnitude !== 0 ? -magnitude : magnitude
  const value = isNegative ? -magnitude : magnitude
  const small = Number(value)
  return Number.isSafeInteger(small) ? small : value
}
