import { outOfRange } from '../../errors.js'

/** The digits that `float_to_list/1` shows: one before the point and twenty behind it. */
const shownDigits = 20

/**
 * A float with an exponent, as `~e` writes it: `1.23400e+2`.
 *
 * Errors: RangeError for less than two digits.
 */
export function exponentText(value: number, digits: number): string {
  if (digits < 2) throw outOfRange('precision of ~e', 'at least 2', digits)
  const { mantissa, exponent } = partsOf(value)
  const rounded = rounding(mantissa, digits)
  // 9.99… becomes 10.0…: one digit more, and the point moves.
  const isCarried = rounded.length > digits
  const shown = isCarried ? rounded.slice(0, -1) : rounded
  const power = isCarried ? exponent + 1 : exponent
  const sign = power < 0 ? '' : '+'
  return `${signOf(value)}${shown.slice(0, 1)}.${shown.slice(1)}e${sign}${power}`
}

/**
 * A float without exponent, as `~f` writes it: `123.400000`.
 *
 * Errors: RangeError for less than one decimal.
 */
export function decimalText(value: number, decimals: number): string {
  if (decimals < 1) throw outOfRange('precision of ~f', 'at least 1', decimals)
  const { mantissa, exponent } = partsOf(value)
  const whole = Math.max(0, exponent) + 1
  const digits = '0'.repeat(Math.max(0, -exponent)) + mantissa
  const rounded = rounding(digits, whole + decimals)
  const point = rounded.length - decimals
  return `${signOf(value)}${rounded.slice(0, point)}.${rounded.slice(point)}`
}

/**
 * A float with so many digits in all, as `~g` writes it: as `~f` from 0.1 up to 10,000, where the
 * digits reach the point; else as `~e`.
 */
export function generalText(value: number, digits: number): string {
  const magnitude = Math.abs(value)
  const power = [0.1, 1, 10, 100, 1_000, 10_000].findIndex((limit) => magnitude < limit) - 2
  const isDecimal = magnitude < 10_000 && power >= -1
  if (isDecimal && (digits - 1 > power || (digits <= 1 && power === -1))) {
    return decimalText(value, digits - 1 - power)
  }
  return exponentText(value, Math.max(2, digits))
}

/** `d.ddd… × 10^exponent`. */
function partsOf(value: number): { mantissa: string; exponent: number } {
  const [mantissa = '', exponent = ''] = Math.abs(value).toExponential(shownDigits).split('e')
  return { mantissa: mantissa.replace('.', ''), exponent: Number(exponent) }
}

/** The first `count` digits; they are one more when rounding up carries to the front. */
function rounding(digits: string, count: number): string {
  if (count >= digits.length) return digits.padEnd(count, '0')
  const kept = digits.slice(0, count)
  if ((digits[count] ?? '0') < '5') return kept
  return String(BigInt(kept) + 1n).padStart(count, '0')
}

function signOf(value: number): string {
  return value < 0 || Object.is(value, -0) ? '-' : ''
}
