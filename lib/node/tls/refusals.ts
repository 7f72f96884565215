const periodMs = 1_000
const mostEachPeriod = 100

/** Tells that callers were turned away: `count` of them, at `address` if it is one. */
export type TellRefusal = (address: string, why: string, count: number) => void

/** Strangers make refusals: so many a second are told one by one, the others only counted. */
export class Refusals {
  readonly #tell: TellRefusal
  #period: NodeJS.Timeout | undefined
  #told = 0
  #untold = 0

  constructor(tell: TellRefusal) {
    this.#tell = tell
  }

  add(address: string, why: string): void {
    this.#period ??= setTimeout(() => this.#ended(), periodMs).unref()
    if (this.#told === mostEachPeriod) {
      this.#untold += 1
      return
    }
    this.#told += 1
    this.#tell(address, why, 1)
  }

  #ended(): void {
    const untold = this.#untold
    this.#period = undefined
    this.#told = 0
    this.#untold = 0
    if (untold > 0) this.#tell('', `${untold} more in the last second, not told one by one`, untold)
  }
}
