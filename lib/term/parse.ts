import { isUtf8 } from 'node:buffer'
import { invalidArgument, outOfRange } from '../errors.js'
import { codePointsOf } from './kind.js'
import { ElixirDialect, isElixirComment } from './syntax/elixir.js'
import { ErlangDialect, isErlangComment } from './syntax/erlang.js'
import { Reader } from './syntax/reader.js'
import { Source } from './syntax/source.js'
import type { Choices } from './syntax/words.js'
import type { Term } from './term.js'

/** How text is read. */
export interface ParseOptions {
  /** `'erlang'` by default; nothing is guessed, since `"x"` and `'x'` mean other terms in each. */
  readonly syntax?: 'erlang' | 'elixir'
  /** What Erlang's `"text"` is: a `'charlist'` (by default) or a `'binary'`. */
  readonly strings?: 'charlist' | 'binary'
  /** `'buffer'` by default; `'utf8'`: binaries that are valid UTF-8 come as strings. */
  readonly binaries?: 'buffer' | 'utf8'
  /** The node of `<0.87.0>`, `#Ref<0.3.2.1>` and `#Port<0.5>`, which are refused without it. */
  readonly node?: string
  /**
   * The creation of nodes in pids, ports and references, which text does not show: a number or a
   * function of the name. 0 by default, with which OTP finds no process of a node that lives.
   */
  readonly creation?: number | ((node: string) => number)
  /** How deep a term may nest; 10,000 by default, as for `decode`. */
  readonly maxDepth?: number
}

const MAX_DEPTH = 10_000
const LARGEST_DEPTH = 1_000_000

/**
 * The term of a text in Erlang's syntax (or Elixir's): what `format` and `io_lib:format("~p")` print,
 * and what people type. White space, comments and a full stop at the end may be there.
 *
 *   {order, 16#FF, 1.0, $c, "list", <<"text">>, <<1,2:4>>, [1|2], #{k => 'V'}, fun lists:map/2}
 *
 * Floats whose value is an integer come as `Float`, so that a term that is printed and read is the same.
 *
 * Errors: TermSyntaxError with line and column for text that is no term; TypeError and RangeError for
 *         options.
 */
export function parse(text: string, options: ParseOptions = {}): Term {
  if (typeof text !== 'string') throw invalidArgument('text', 'a string', text)
  const { syntax, choices, maxDepth } = resolve(options)
  const isElixir = syntax === 'elixir'
  const source = new Source(text, isElixir ? isElixirComment : isErlangComment)
  const dialect = isElixir ? new ElixirDialect(choices) : new ErlangDialect(choices)
  return new Reader(source, dialect, maxDepth).readAll() as Term
}

const NAMES = ['syntax', 'strings', 'binaries', 'node', 'creation', 'maxDepth']

function resolve(options: ParseOptions) {
  if (typeof options !== 'object' || options === null) {
    throw invalidArgument('options', 'an object', options)
  }
  const unknown = Object.keys(options).find((name) => !NAMES.includes(name))
  if (unknown !== undefined) {
    throw new TypeError(`unknown option ${unknown} of parse; known are: ${NAMES.join(', ')}`)
  }
  const { syntax = 'erlang', strings = 'charlist', binaries = 'buffer' } = options
  checkChoice('syntax', syntax, ['erlang', 'elixir'])
  checkChoice('strings', strings, ['charlist', 'binary'])
  checkChoice('binaries', binaries, ['buffer', 'utf8'])
  const { maxDepth = MAX_DEPTH } = options
  if (!Number.isInteger(maxDepth) || maxDepth < 1 || maxDepth > LARGEST_DEPTH) {
    throw outOfRange('maxDepth', `an integer from 1 to ${LARGEST_DEPTH}`, maxDepth)
  }
  const ofText = binaries === 'utf8' ? itself : bytesOfText
  const choices: Choices = {
    origin: originOf(options),
    string: strings === 'charlist' && syntax === 'erlang' ? codePointsOf : ofText,
    binary: binaries === 'utf8' ? textOrBytes : itself,
    hasVariables: false,
  }
  return { syntax, choices, maxDepth }
}

function checkChoice(name: string, value: unknown, choices: readonly string[]): void {
  if (!choices.includes(value as string)) {
    throw invalidArgument(name, choices.map((choice) => `'${choice}'`).join(' or '), value)
  }
}

function originOf({ node, creation = 0 }: ParseOptions): Choices['origin'] {
  if (node !== undefined && (typeof node !== 'string' || !/^[^@]+@[^@]+$/.test(node))) {
    throw invalidArgument('node', 'the name of a node such as shop@127.0.0.1', node)
  }
  const isCreation =
    Number.isInteger(creation) && Number(creation) >= 0 && Number(creation) < 2 ** 32
  if (typeof creation !== 'function' && !isCreation) {
    throw invalidArgument('creation', 'an integer of 32 bits or a function', creation)
  }
  return { node, creation }
}

function itself<T>(value: T): T {
  return value
}

function bytesOfText(text: string): Buffer {
  return Buffer.from(text)
}

function textOrBytes(bytes: Buffer): Buffer | string {
  return isUtf8(bytes) ? bytes.toString() : bytes
}
