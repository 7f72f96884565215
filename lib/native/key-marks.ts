import { Float } from '../term/float.js'
import type { Term } from '../term/term.js'

/**
 * Finds map keys that JavaScript's values would merge although they are different terms: with
 * `#{1 => a, 1.0 => b}` both keys would be the number 1.
 *
 * A reader marks the stack slots whose value stands for more than one term. A mark moves to the
 * container that its value goes into, and matters only where that ends up as a key.
 */
export class KeyMarks {
  count = 0
  /** Whether a key cannot be put right here: the tape must be read again, exactly. */
  needExactRead = false
  /** Rising, as the stack grows. */
  private readonly slots: number[] = []

  begin(): void {
    this.count = 0
    this.needExactRead = false
  }

  add(slot: number): void {
    this.slots[this.count++] = slot
  }

  /** The values from slot `base` upwards become one value at `base`. */
  close(base: number): void {
    if (this.count === 0 || (this.slots[this.count - 1] as number) < base) return
    while (this.count > 0 && (this.slots[this.count - 1] as number) >= base) this.count--
    this.add(base)
  }

  /** The same for the pairs of a map: an integral float that is a key becomes a `Float`. */
  closeMap(stack: (Term | undefined)[], base: number): void {
    for (let i = this.count - 1; i >= 0; i--) {
      const slot = this.slots[i] as number
      if (slot < base) break
      if ((slot - base) % 2 === 0) this.settleKey(stack, slot)
    }
    this.close(base)
  }

  private settleKey(stack: (Term | undefined)[], slot: number): void {
    const key = stack[slot]
    if (Number.isSafeInteger(key)) stack[slot] = new Float(key as number)
    else this.needExactRead = true
  }
}
