/** Makes inputs, keeps those that bring something new, stops at the first that fails. */
import { mutate } from './mutate.mjs'

const batch = 1_024
const longest = 2_048
const mostOutcomes = 2_000

/** An input made the target throw. */
export class Failure extends Error {
  constructor(bytes, cause) {
    super('an input failed', { cause })
    this.bytes = bytes
  }
}

export class Fuzzer {
  executions = 0
  #target
  #coverage
  #corpus = []
  #outcomes = new Set()

  constructor(target, coverage) {
    this.#target = target
    this.#coverage = coverage
  }

  /** Errors: `Failure`. */
  async run(bytes) {
    this.executions += 1
    try {
      return await this.#target.fuzz(bytes)
    } catch (error) {
      throw new Failure(bytes, error)
    }
  }

  /** Runs an input alone; tells whether it brought something new, and then keeps it. */
  async consider(bytes) {
    const isNewOutcome = this.#noteOutcome(await this.run(bytes))
    const places = this.#coverage.take()
    if (!this.#coverage.isNew(places) && !isNewOutcome) return false
    this.#coverage.add(places)
    this.#corpus.push(bytes)
    return true
  }

  /**
   * Runs a few hundred inputs made of those kept; gives those that are new. To ask for the coverage
   * costs more than many inputs, so they are run once more one by one only if they had something.
   */
  async runBatch(random) {
    const inputs = Array.from({ length: batch }, () => this.#make(random))
    const telling = []
    for (const bytes of inputs) if (this.#isOutcomeNew(await this.run(bytes))) telling.push(bytes)
    const places = this.#coverage.take()
    const suspects = this.#coverage.isNew(places) ? inputs : telling
    const found = []
    for (const bytes of suspects) if (await this.consider(bytes)) found.push(bytes)
    this.#coverage.add(places)
    return found
  }

  #make(random) {
    const from = this.#corpus.length === 0 ? Buffer.alloc(0) : random.of(this.#corpus)
    const others = this.#corpus.length === 0 ? [from] : this.#corpus
    return mutate(from, random, { words: this.#target.words ?? [], others, longest })
  }

  #isOutcomeNew(outcome) {
    const isTold = outcome !== undefined && this.#outcomes.size < mostOutcomes
    return isTold && !this.#outcomes.has(outcome)
  }

  #noteOutcome(outcome) {
    if (!this.#isOutcomeNew(outcome)) return false
    this.#outcomes.add(outcome)
    return true
  }
}
