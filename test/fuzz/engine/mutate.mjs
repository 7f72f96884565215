/** Random inputs made of others. */

/** Numbers below 2^32 that repeat with the seed (xorshift). */
export class Random {
  #state

  constructor(seed) {
    this.#state = seed | 0 || 1
  }

  /** An integer from 0 to below `limit`. */
  below(limit) {
    this.#state ^= this.#state << 13
    this.#state ^= this.#state >>> 17
    this.#state ^= this.#state << 5
    return (this.#state >>> 0) % limit
  }

  of(choices) {
    return choices[this.below(choices.length)]
  }
}

const tellingBytes = [0, 1, 2, 4, 10, 16, 32, 64, 100, 127, 128, 254, 255]

function part(bytes, random) {
  const from = random.below(bytes.length + 1)
  return bytes.subarray(from, from + random.below(bytes.length - from + 1))
}

function insert(bytes, at, more) {
  return Buffer.concat([bytes.subarray(0, at), more, bytes.subarray(at)])
}

const changes = [
  (bytes, random) => {
    if (bytes.length === 0) return bytes
    bytes[random.below(bytes.length)] ^= 1 << random.below(8)
    return bytes
  },
  (bytes, random) => {
    if (bytes.length === 0) return bytes
    bytes[random.below(bytes.length)] = random.below(2)
      ? random.below(256)
      : random.of(tellingBytes)
    return bytes
  },
  (bytes, random) => insert(bytes, random.below(bytes.length + 1), Buffer.of(random.below(256))),
  (bytes, random) => insert(bytes, random.below(bytes.length + 1), part(bytes, random)),
  (bytes, random) => {
    const from = random.below(bytes.length + 1)
    const to = Math.min(bytes.length, from + 1 + random.below(8))
    return Buffer.concat([bytes.subarray(0, from), bytes.subarray(to)])
  },
  (bytes, random) => bytes.subarray(0, random.below(bytes.length + 1)),
  (bytes, random, { words }) =>
    words.length === 0 ? bytes : insert(bytes, random.below(bytes.length + 1), random.of(words)),
  (bytes, random, { words }) => {
    if (words.length === 0) return bytes
    const word = random.of(words)
    if (word.length > bytes.length) return bytes
    word.copy(bytes, random.below(bytes.length - word.length + 1))
    return bytes
  },
  (bytes, random, { others }) =>
    insert(bytes, random.below(bytes.length + 1), part(random.of(others), random)),
  (bytes, random, { others }) =>
    Buffer.concat([part(bytes, random), part(random.of(others), random)]),
]

/**
 * A copy of `bytes` with a few changes. `words` are put in now and then, and parts of `others`
 * (which are never none).
 */
export function mutate(bytes, random, { words, others, longest }) {
  let changed = Buffer.from(bytes)
  for (let count = 1 + random.below(4); count > 0; count -= 1) {
    changed = Buffer.from(random.of(changes)(changed, random, { words, others }))
  }
  return changed.subarray(0, longest)
}
