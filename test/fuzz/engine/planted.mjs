/**
 * A fault behind four bytes, one at a time: who does not follow the coverage needs some 2^32 inputs to
 * find it, who does some thousands. scripts/fuzz.sh has it found before it trusts the fuzzer.
 */
export const covers = (url) => url.endsWith('/engine/planted.mjs')

export function fuzz(bytes) {
  if (bytes[0] !== 0x66) return
  if (bytes[1] !== 0x61) return
  if (bytes[2] !== 0x75) return
  if (bytes[3] !== 0x6c) return
  throw new Error('the planted fault')
}
