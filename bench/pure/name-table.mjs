/**
 * Finds what a name stands for by its bytes on the wire, so that a name that was seen before is not
 * decoded again. Open addressing; entries are found by a hash of all bytes and proved by comparing.
 */
const INITIAL_SLOTS = 1024
/** Names from the wire are the peer's choice: past this many, new ones are not remembered. */
const MAX_NAMES = 1 << 16

function hashOf(bytes, start, end) {
  let hash = end - start
  for (let at = start; at < end; at++) hash = Math.imul(hash ^ bytes[at], 0x01000193)
  return hash ^ (hash >>> 15)
}

function matches(name, bytes, start, end) {
  if (name.length !== end - start) return false
  for (let k = 0; k < name.length; k++) if (name[k] !== bytes[start + k]) return false
  return true
}

export class NameTable {
  #make
  #names = new Array(INITIAL_SLOTS).fill(undefined)
  #values = new Array(INITIAL_SLOTS).fill(undefined)
  #used = 0

  /** `make` gives the value of a name, given as text. */
  constructor(make) {
    this.#make = make
  }

  /** The value of the UTF-8 name `bytes[start, end)`. */
  find(bytes, start, end) {
    const mask = this.#names.length - 1
    let slot = hashOf(bytes, start, end) & mask
    for (;;) {
      const name = this.#names[slot]
      if (name === undefined) return this.#add(slot, Buffer.from(bytes.subarray(start, end)))
      if (matches(name, bytes, start, end)) return this.#values[slot]
      slot = (slot + 1) & mask
    }
  }

  #add(slot, name) {
    const value = this.#make(name.toString('utf8'))
    if (this.#used === MAX_NAMES) return value
    this.#names[slot] = name
    this.#values[slot] = value
    this.#used++
    if (this.#used * 2 > this.#names.length) this.#grow()
    return value
  }

  #grow() {
    const names = this.#names
    const values = this.#values
    const slots = names.length * 2
    this.#names = new Array(slots).fill(undefined)
    this.#values = new Array(slots).fill(undefined)
    for (let old = 0; old < names.length; old++) {
      const name = names[old]
      if (name === undefined) continue
      let slot = hashOf(name, 0, name.length) & (slots - 1)
      while (this.#names[slot] !== undefined) slot = (slot + 1) & (slots - 1)
      this.#names[slot] = name
      this.#values[slot] = values[old]
    }
  }
}
