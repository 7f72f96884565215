/** mulberry32: the same numbers from the same seed, 0 ≤ x < 1. */
export function random(seed) {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let x = Math.imul(state ^ (state >>> 15), 1 | state)
    x = (x + Math.imul(x ^ (x >>> 7), 61 | x)) ^ x
    return ((x ^ (x >>> 14)) >>> 0) / 4294967296
  }
}

export const hex = (next, digits) =>
  Array.from({ length: digits }, () => Math.floor(next() * 16).toString(16)).join('')

export const uuid = (next) => [8, 4, 4, 4, 12].map((digits) => hex(next, digits)).join('-')
