import type { WriteStream } from 'node:tty'
import { format, type Term } from '../../index.js'
import { explain } from '../advice.js'
import type { Settings } from '../settings.js'
import { jsonOf } from './json.js'
import { layOut } from './layout.js'
import { paint, painted, paintToken, tokensOf } from './paint.js'

type Stream = Pick<WriteStream, 'write'> & { readonly isTTY?: boolean; readonly columns?: number }

/** Where a command writes to. */
export interface Streams {
  readonly stdout: Stream
  readonly stderr: Stream
  readonly env: NodeJS.ProcessEnv
}

const longestFlat = 1_000

type OutputSettings = Pick<Settings, 'json' | 'charlists' | 'color' | 'verbose'>

/**
 * What a command prints: results on standard output, as Erlang terms or JSON, everything else on
 * standard error. Colours and line breaks are for terminals; what is read by programs has one term a line.
 */
export class Output {
  readonly isJson: boolean
  readonly #streams: Streams
  readonly #settings: OutputSettings

  constructor(streams: Streams, settings: OutputSettings) {
    this.#streams = streams
    this.#settings = settings
    this.isJson = settings.json
  }

  /** A result: a term on a line of its own. */
  term(term: Term): void {
    this.line(this.isJson ? jsonOf(term, this.#settings) : this.termText(term))
  }

  /** A result that is no term: its text, or the object as JSON. */
  result(text: string, json: unknown): void {
    this.line(this.isJson ? JSON.stringify(json) : text)
  }

  line(text: string): void {
    this.#streams.stdout.write(`${text}\n`)
  }

  /** What a called function prints. Beside JSON it would be in the way of whoever reads that. */
  readonly printed = (text: string): void => {
    const { stdout, stderr } = this.#streams
    ;(this.isJson ? stderr : stdout).write(text)
  }

  /** For the person; programs do not read it. */
  note(text: string): void {
    this.#streams.stderr.write(`${text}\n`)
  }

  /** As `termText`, but on one line, and cut where it would fill a screen. */
  flatText(term: Term): string {
    const text = format(term)
    const shown = text.length > longestFlat ? `${text.slice(0, longestFlat)}…` : text
    return this.#hasColor ? paint(shown) : shown
  }

  /** Erlang's text of a term, painted and broken into lines where it goes to a terminal. */
  termText(term: Term): string {
    const { stdout } = this.#streams
    const text = format(term)
    if (stdout.isTTY !== true && !this.#hasColor) return text
    const tokens = stdout.isTTY === true ? layOut(text, widthOf(stdout)) : tokensOf(text)
    return tokens.map((token) => (this.#hasColor ? paintToken(token) : token.text)).join('')
  }

  json(term: Term): string {
    return jsonOf(term, this.#settings)
  }

  /** An error in one line, its stack below it with `--verbose`. */
  failure(error: unknown): void {
    const { code, message, whatToDo } = explain(error)
    if (this.isJson) {
      this.note(JSON.stringify({ error: { code, message, whatToDo } }))
    } else {
      const name = this.#paints(this.#streams.stderr) ? painted('beamlink:', 'fault') : 'beamlink:'
      const end = whatToDo === '' || /[.?!]$/.test(message) ? '' : '.'
      const advice = whatToDo === '' ? '' : `${end} ${whatToDo}`
      this.note(`${name} ${message}${advice}${code === undefined ? '' : ` (${code})`}`)
    }
    if (this.#settings.verbose) this.#stack(error)
  }

  #stack(error: unknown): void {
    if (!(error instanceof Error)) return
    this.note(error.stack ?? '')
    const { remoteStack } = error as { remoteStack?: Term }
    if (remoteStack !== undefined) this.note(`at the peer: ${format(remoteStack)}`)
    if (error.cause !== undefined) {
      this.note('caused by')
      this.#stack(error.cause)
    }
  }

  get #hasColor(): boolean {
    return this.#paints(this.#streams.stdout)
  }

  #paints(stream: Stream): boolean {
    const { env } = this.#streams
    if (this.#settings.color !== undefined) return this.#settings.color
    if (env.NO_COLOR !== undefined && env.NO_COLOR !== '') return false
    return stream.isTTY === true && env.TERM !== 'dumb'
  }
}

/** Terminals that do not know theirs say 0. */
function widthOf({ columns = 0 }: Stream): number {
  return columns === 0 ? 80 : columns
}
