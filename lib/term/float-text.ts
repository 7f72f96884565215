/**
 * A float as Erlang prints it: the shortest digits that read back as the same float, in decimal
 * notation unless the one with exponent is shorter or the float is 2^53 or more, where decimal digits
 * would look exact.
 *
 *   1.0   0.001   1.0e-5   123456789.0   1.0e10   9.007199254740992e15
 *
 * Source: OTP 25, float_to_list(F, [short]); stdlib/src/io_lib_format.erl, fwrite_g/1.
 */
export function floatText(value: number): string {
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0'
  const magnitude = Math.abs(value)
  // JavaScript's digits are the shortest too; only the notation differs.
  const [mantissa = '', exponent = ''] = magnitude.toExponential().split('e')
  const digits = mantissa.replace('.', '')
  const text = place(digits, Number(exponent) + 1, magnitude)
  return value < 0 ? `-${text}` : text
}

/** Writes `0.digits × 10^point`. */
function place(digits: string, point: number, magnitude: number): string {
  const length = digits.length
  if (point > 0 && point < length) return `${digits.slice(0, point)}.${digits.slice(point)}`
  if (point === 0) return `0.${digits}`
  const exponent = String(point - 1)
  const exponentCost = exponent.length + 1 + (length === 1 ? 2 : 1)
  if (point < 0) {
    return 2 - point <= exponentCost
      ? `0.${'0'.repeat(-point)}${digits}`
      : scientific(digits, exponent)
  }
  return magnitude < 2 ** 53 && point - length + 2 <= exponentCost
    ? `${digits}${'0'.repeat(point - length)}.0`
    : scientific(digits, exponent)
}

function scientific(digits: string, exponent: string): string {
  return `${digits.slice(0, 1)}.${digits.slice(1) || '0'}e${exponent}`
}
