import { createInterface, type Interface } from 'node:readline'
import type { CommandContext } from '../command.js'
import { History, historyFile } from './history.js'

/** Gives the ends that a beginning can have, and the beginning itself. */
export type Complete = (line: string) => Promise<readonly [readonly string[], string]>

export interface LineReaderOptions {
  /** Of the file that keeps what was entered. */
  readonly historyName: string
  readonly complete?: Complete
  /** Ctrl-C while nothing is running: what was entered so far is forgotten. */
  readonly onInterrupt?: () => void
}

/**
 * Lines from a person, with editing, history and completion; or from a pipe, without prompts. Ctrl-C
 * ends what is running, or the line that is being written, and not the program; Ctrl-D ends it.
 */
export class LineReader {
  /** Whether a person types. */
  readonly isInteractive: boolean
  readonly #interface: Interface
  readonly #history: History | undefined
  readonly #lines: AsyncIterator<string>
  #running: AbortController | undefined

  constructor(context: CommandContext, { historyName, complete, onInterrupt }: LineReaderOptions) {
    const { stdin, stdout, env, signal } = context
    this.isInteractive = stdin.isTTY === true && stdout.isTTY === true
    this.#history = this.isInteractive ? new History(historyFile(historyName, env)) : undefined
    this.#interface = createInterface({
      input: stdin,
      terminal: this.isInteractive,
      ...(this.isInteractive ? { output: stdout } : {}),
      history: this.#history?.newestFirst ?? [],
      removeHistoryDuplicates: true,
      ...(complete === undefined ? {} : { completer: asCallback(complete) }),
    })
    this.#lines = this.#interface[Symbol.asyncIterator]()
    this.#interface.on('SIGINT', () => this.#interrupted(onInterrupt))
    signal.addEventListener('abort', () => this.#stop(), { once: true })
  }

  /** The next line; undefined at the end of the input. */
  async next(prompt: string): Promise<string | undefined> {
    if (this.isInteractive) {
      this.#interface.setPrompt(prompt)
      this.#interface.prompt()
    }
    const { done, value } = await this.#lines.next()
    if (done === true) return undefined
    this.#history?.add(value)
    return value
  }

  /** Runs `work`; Ctrl-C aborts its signal. */
  async run<Result>(work: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
    const running = new AbortController()
    this.#running = running
    try {
      return await work(running.signal)
    } finally {
      this.#running = undefined
    }
  }

  /** Prints what comes unasked: above the line that is being written, which stays as it is. */
  note(print: () => void): void {
    const isWriting = this.isInteractive && this.#running === undefined
    if (isWriting) process.stdout.write('\r\x1b[K')
    print()
    if (isWriting) this.#interface.prompt(true)
  }

  close(): void {
    this.#interface.close()
  }

  #interrupted(onInterrupt: (() => void) | undefined): void {
    if (this.#running !== undefined) {
      this.#running.abort(new Error('interrupted'))
      return
    }
    onInterrupt?.()
    // Ends the line on the screen and begins a new one, as other shells do.
    this.#interface.write(null, { ctrl: true, name: 'e' })
    this.#interface.write(null, { ctrl: true, name: 'u' })
    process.stdout.write('\n')
    this.#interface.prompt()
  }

  #stop(): void {
    this.#running?.abort(new Error('interrupted'))
    this.close()
  }
}

function asCallback(complete: Complete) {
  return (line: string, done: (error: null, result: [string[], string]) => void): void => {
    // No completion is better than a shell that ends over it.
    complete(line).then(
      ([ends, beginning]) => done(null, [[...ends], beginning]),
      () => done(null, [[], line]),
    )
  }
}
