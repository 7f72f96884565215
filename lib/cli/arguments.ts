import { parse, type TermInput, TermSyntaxError } from '../index.js'
import { SyntaxFault, UsageError } from './usage-error.js'

/** How the texts of terms are to be read. */
export interface TermSyntax {
  /** Undefined: Erlang, or JSON where it is no Erlang. */
  readonly language: 'json' | 'elixir' | undefined
  /** The node that `<0.87.0>` is of. */
  readonly peer: string
  /** Of that node's life; 0 while it is not known. */
  readonly creation: number
}

/** As options of a command. */
export interface TermFlags {
  readonly jsonArgs?: boolean | undefined
  readonly elixir?: boolean | undefined
}

export function termSyntax(
  { jsonArgs, elixir }: TermFlags,
  peer: string,
  creation: number,
): TermSyntax {
  if (jsonArgs === true && elixir === true) {
    throw new UsageError('--json-args and --elixir cannot be given together')
  }
  const language = jsonArgs === true ? 'json' : elixir === true ? 'elixir' : undefined
  return { language, peer, creation }
}

/**
 * Reads a term. What is both Erlang and JSON is Erlang: `"text"` is a list of characters, `{}` a tuple;
 * `--json-args` says otherwise. What is JSON only, such as `{"a": 1}`, needs no option.
 *
 * Errors: UsageError that shows where it stops being a term.
 */
export function readTerm(text: string, { language, peer, creation }: TermSyntax): TermInput {
  if (language === 'json') return readJson(text)
  try {
    return parse(text, { node: peer, creation, syntax: language ?? 'erlang' }) as TermInput
  } catch (error) {
    if (!(error instanceof TermSyntaxError)) throw error
    const json = language === undefined ? jsonOrNothing(text) : undefined
    if (json !== undefined) return checkNumbers(text, json)
    const [fault = ''] = error.message.split('\n')
    throw new SyntaxFault(`${shortened(text)} is no term: ${fault}`)
  }
}

const longestShown = 60

function shortened(text: string): string {
  return text.length > longestShown ? `${text.slice(0, longestShown)}…` : text
}

function readJson(text: string): TermInput {
  try {
    return checkNumbers(text, JSON.parse(text))
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    throw new SyntaxFault(`${shortened(text)} is no JSON: ${error.message}`)
  }
}

/** JSON of numbers and words alone is Erlang as well, so this is an object, an array or a string. */
function jsonOrNothing(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** JavaScript would round what has more digits: a value that nobody has written must not be sent. */
function checkNumbers(text: string, value: unknown): TermInput {
  if (typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value)) {
    throw new SyntaxFault(
      `${shortened(text)} has an integer of more than 53 bits, which JSON cannot hold exactly; write it as an Erlang term`,
    )
  }
  if (typeof value === 'object' && value !== null) {
    for (const inner of Object.values(value)) checkNumbers(text, inner)
  }
  return value as TermInput
}
