import type { Streams } from './output.js'

const firstShownMs = 1_000
const frameMs = 100
const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏']
const clearLine = '\r\x1b[K'

/** Tells a person at a terminal that something takes long: a line on standard error, gone at the end. */
export class Progress {
  readonly #stderr: Streams['stderr']
  readonly #started = Date.now()
  readonly #timer: NodeJS.Timeout | undefined
  #isShown = false

  constructor(stderr: Streams['stderr'], what: string) {
    this.#stderr = stderr
    if (stderr.isTTY !== true) return
    this.#timer = setInterval(() => this.#show(what), frameMs).unref()
  }

  /** Takes the line away; it comes again while the work lasts. To be called before anything is printed. */
  clear(): void {
    if (this.#isShown) this.#stderr.write(clearLine)
    this.#isShown = false
  }

  stop(): void {
    clearInterval(this.#timer)
    this.clear()
  }

  #show(what: string): void {
    const elapsedMs = Date.now() - this.#started
    if (elapsedMs < firstShownMs) return
    const frame = frames[Math.floor(elapsedMs / frameMs) % frames.length] ?? ''
    this.#stderr.write(`${clearLine}${frame} ${what} … ${Math.floor(elapsedMs / 1_000)}s`)
    this.#isShown = true
  }
}
