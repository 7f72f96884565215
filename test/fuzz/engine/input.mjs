/** Reads an input piece by piece; what is missing at its end reads as zeros and emptiness. */
export class Input {
  #bytes
  #at = 0

  constructor(bytes) {
    this.#bytes = bytes
  }

  get isEmpty() {
    return this.#at >= this.#bytes.length
  }

  byte() {
    return this.#bytes[this.#at++] ?? 0
  }

  bytes(length) {
    const part = this.#bytes.subarray(this.#at, this.#at + length)
    this.#at += length
    return part
  }
}

export function require(claim, what) {
  if (!claim) throw new Error(what)
}
