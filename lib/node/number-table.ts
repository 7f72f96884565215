const startBits = 6
/** 2^32 divided by the golden ratio: keys that follow each other are strewn over all slots. */
const strewing = 0x9e37_79b1

/**
 * A table of what comes and goes: numbers above 0 and what they stand for.
 *
 * A `Map` would do, but for the collector. A Map that entries come to and go from is copied again and
 * again, each of its old tables keeps the entries it had then and the table that followed it, and so
 * one of them that has grown old keeps all the others, and all that was in them, from being collected
 * while young.
 *   measured: 64 calls in flight: a fifth of all garbage had to be moved to where only a collection
 *             of the whole heap finds it; a tenth of the time of JavaScript's thread
 */
export class NumberTable<Value> {
  /** Open addressing; a key stands at its slot or behind it, with no empty slot between. 0: empty. */
  #keys = new Float64Array(2 ** startBits)
  #values: (Value | undefined)[] = new Array<Value | undefined>(2 ** startBits).fill(undefined)
  #mask = 2 ** startBits - 1
  /** Of the hash of a key, the uppermost bits are its slot. */
  #shift = 32 - startBits
  #size = 0

  get size(): number {
    return this.#size
  }

  get(key: number): Value | undefined {
    return this.#values[this.#slotOf(key)]
  }

  set(key: number, value: Value): void {
    let slot = this.#slotOf(key)
    if (this.#keys[slot] === 0) {
      if (2 * (this.#size + 1) > this.#mask) {
        this.#grow()
        slot = this.#slotOf(key)
      }
      this.#size += 1
      this.#keys[slot] = key
    }
    this.#values[slot] = value
  }

  delete(key: number): boolean {
    const slot = this.#slotOf(key)
    if (this.#keys[slot] === 0) return false
    this.#size -= 1
    this.#close(slot)
    return true
  }

  /** What is there now; what happens to the table meanwhile does not matter. */
  values(): Value[] {
    const all: Value[] = []
    for (let slot = 0; slot <= this.#mask; slot++) {
      if (this.#keys[slot] !== 0) all.push(this.#values[slot] as Value)
    }
    return all
  }

  /**
   * The slot of a key. Not its lowest bits: keys that follow each other would stand in one long row,
   * which each deletion would have to look through.
   */
  #homeOf(key: number): number {
    return Math.imul(key ^ (key / 2 ** 32), strewing) >>> this.#shift
  }

  /** Where a key is, or is to be. */
  #slotOf(key: number): number {
    const keys = this.#keys
    const mask = this.#mask
    let slot = this.#homeOf(key)
    while (keys[slot] !== key && keys[slot] !== 0) slot = (slot + 1) & mask
    return slot
  }

  /** Empties a slot, and moves up what stood behind it for want of its own. */
  #close(slot: number): void {
    const keys = this.#keys
    const values = this.#values
    const mask = this.#mask
    let hole = slot
    for (let at = (hole + 1) & mask; keys[at] !== 0; at = (at + 1) & mask) {
      const home = this.#homeOf(keys[at] as number)
      // It may stand anywhere from its home on, so not if the hole is before that.
      if (((at - home) & mask) < ((at - hole) & mask)) continue
      keys[hole] = keys[at] as number
      values[hole] = values[at]
      hole = at
    }
    keys[hole] = 0
    values[hole] = undefined
  }

  #grow(): void {
    const keys = this.#keys
    const values = this.#values
    const slots = 2 * (this.#mask + 1)
    this.#keys = new Float64Array(slots)
    this.#values = new Array<Value | undefined>(slots).fill(undefined)
    this.#mask = slots - 1
    this.#shift -= 1
    for (let from = 0; from < keys.length; from++) {
      const key = keys[from] as number
      if (key === 0) continue
      const slot = this.#slotOf(key)
      this.#keys[slot] = key
      this.#values[slot] = values[from]
    }
    // The old values would be kept alive by whatever old holds their array.
    values.length = 0
  }
}
