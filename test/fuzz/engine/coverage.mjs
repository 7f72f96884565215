/** Which places of some files are run, as V8 counts them block by block. */
import { Session } from 'node:inspector'

export class Coverage {
  #session = new Session()
  #wanted
  /** URL of a file → one byte per character of it, 1 where it has been run. */
  #seen = new Map()

  /** `wanted(url)` chooses the files. To be made before they are loaded. */
  constructor(wanted) {
    this.#wanted = wanted
    this.#session.connect()
    this.#post('Profiler.enable')
    this.#post('Profiler.startPreciseCoverage', { callCount: true, detailed: true })
  }

  /** What has been run since the last call: URL → one byte per character. */
  take() {
    const places = new Map()
    for (const { url, functions } of this.#post('Profiler.takePreciseCoverage').result) {
      if (this.#wanted(url)) places.set(url, marksOf(functions))
    }
    return places
  }

  /** Whether there is something in `places` that was not in what was added before. */
  isNew(places) {
    for (const [url, marks] of places) {
      const seen = this.#seen.get(url) ?? new Uint8Array(0)
      if (marks.some((mark, at) => mark > (seen[at] ?? 0))) return true
    }
    return false
  }

  add(places) {
    for (const [url, marks] of places) {
      const seen = this.#seen.get(url) ?? new Uint8Array(0)
      const both = new Uint8Array(Math.max(seen.length, marks.length))
      both.set(seen)
      marks.forEach((mark, at) => {
        both[at] |= mark
      })
      this.#seen.set(url, both)
    }
  }

  /** How many characters of the files have been run. */
  get size() {
    let size = 0
    for (const seen of this.#seen.values()) for (const mark of seen) size += mark
    return size
  }

  /** Calls of the inspector of one's own thread answer before they return. */
  #post(method, parameters) {
    let answer
    this.#session.post(method, parameters, (error, result) => {
      if (error) throw new Error(`${method}: ${error.message}`)
      answer = result
    })
    return answer
  }
}

/** Inner ranges come behind the one that they are in, and overrule it. */
function marksOf(functions) {
  const ranges = functions.flatMap((entry) => entry.ranges)
  const marks = new Uint8Array(ranges.reduce((most, { endOffset }) => Math.max(most, endOffset), 0))
  for (const { startOffset, endOffset, count } of ranges) {
    marks.fill(count > 0 ? 1 : 0, startOffset, endOffset)
  }
  return marks
}
