import { invalidArgument } from '../errors.js'
import type { TermInput } from '../term/term.js'

/** How terms become JavaScript values. Without options: losslessly, but for `floats`. */
export interface DecodeOptions {
  /**
   * `auto` (default): `number` when safe, else `bigint`. `bigint`: always. `number`: always, which
   * rounds large ones.
   */
  readonly integers?: 'auto' | 'bigint' | 'number'
  /** `number` (default): `1.0` becomes `1`. `wrap`: a `Float`, so that `1.0` stays a float. */
  readonly floats?: 'number' | 'wrap'
  /** `atom` (default). `null`: the atoms `nil` and `undefined` become `null`. */
  readonly nil?: 'atom' | 'null'
  /** `buffer` (default). `utf8`: strings where the bytes are valid UTF-8, else Buffers. */
  readonly binaries?: 'buffer' | 'utf8'
  /**
   * `map` (default): `TermMap`. `object`: null-prototype objects where every key is text or an
   * atom, without clashes or `__proto__`; else a `TermMap`.
   */
  readonly maps?: 'map' | 'object'
}

/** Presets by name. `elixir`: texts as strings, maps as objects, `nil` as `null`. */
export type DecodePreset = 'elixir'

/** Options with every choice made and checked. Resolved once, they cost nothing to pass on. */
export class ResolvedDecodeOptions implements Required<DecodeOptions> {
  readonly integers: 'auto' | 'bigint' | 'number'
  readonly floats: 'number' | 'wrap'
  readonly nil: 'atom' | 'null'
  readonly binaries: 'buffer' | 'utf8'
  readonly maps: 'map' | 'object'

  /** Takes options as they are; `resolveDecodeOptions` checks those that come from outside. */
  constructor(options: DecodeOptions) {
    this.integers = options.integers ?? 'auto'
    this.floats = options.floats ?? 'number'
    this.nil = options.nil ?? 'atom'
    this.binaries = options.binaries ?? 'buffer'
    this.maps = options.maps ?? 'map'
  }

  /** Whether resolving `options` would give these. */
  isFor(options: DecodeOptions): boolean {
    return (
      this.integers === (options.integers ?? 'auto') &&
      this.floats === (options.floats ?? 'number') &&
      this.nil === (options.nil ?? 'atom') &&
      this.binaries === (options.binaries ?? 'buffer') &&
      this.maps === (options.maps ?? 'map')
    )
  }
}

/** How values are written as terms. */
export interface EncodeOptions {
  /** What the keys of plain objects become: `binaries` (default) or `atoms`. */
  readonly keys?: 'binaries' | 'atoms'
  /**
   * What strings become: `binaries` (default), or `byteLists`: lists of the bytes of their UTF-8, as
   * C nodes such as FreeSWITCH and Kamailio take text. Erlang's own `"text"` is the same for ASCII
   * only; `charlist` makes it for all.
   */
  readonly strings?: 'binaries' | 'byteLists'
  /** The term that stands for `undefined`. Without it `undefined` is refused. */
  readonly undefinedAs?: TermInput
}

export const defaultDecodeOptions = new ResolvedDecodeOptions({})

const elixirDecodeOptions = new ResolvedDecodeOptions({
  nil: 'null',
  binaries: 'utf8',
  maps: 'object',
})

const decodeChoices: { readonly [K in keyof Required<DecodeOptions>]: readonly string[] } = {
  integers: ['auto', 'bigint', 'number'],
  floats: ['number', 'wrap'],
  nil: ['atom', 'null'],
  binaries: ['buffer', 'utf8'],
  maps: ['map', 'object'],
}

function checkChoice(name: string, value: unknown, choices: readonly string[]): void {
  if (value === undefined) return
  if (typeof value === 'string' && choices.includes(value)) return
  throw invalidArgument(name, `one of ${choices.map((c) => `'${c}'`).join(', ')}`, value)
}

function checkNames(options: object, known: readonly string[], what: string): void {
  for (const name of Object.keys(options)) {
    if (!known.includes(name)) {
      throw invalidArgument(`the name of ${what}`, `one of ${known.join(', ')}`, name)
    }
  }
}

/** The last options that were resolved, and what they became. */
let lastDecodeOptions: DecodeOptions | undefined
let lastResolved = defaultDecodeOptions

/**
 * Checks what a caller gave as decode options.
 * Errors: TypeError for names and choices that do not exist.
 */
export function resolveDecodeOptions(
  options: DecodeOptions | DecodePreset | undefined,
): ResolvedDecodeOptions {
  if (options === undefined) return defaultDecodeOptions
  if (options instanceof ResolvedDecodeOptions) return options
  if (options === 'elixir') return elixirDecodeOptions
  if (options === lastDecodeOptions && lastResolved.isFor(options)) return lastResolved
  if (typeof options !== 'object' || options === null) {
    throw invalidArgument('decode options', "an object or 'elixir'", options)
  }
  checkNames(options, Object.keys(decodeChoices), 'a decode option')
  for (const [name, choices] of Object.entries(decodeChoices)) {
    checkChoice(name, options[name as keyof DecodeOptions], choices)
  }
  lastResolved = new ResolvedDecodeOptions(options)
  lastDecodeOptions = options
  return lastResolved
}

export const defaultEncodeOptions: EncodeOptions = {}

/** Checks what a caller gave as encode options. Errors: as with decode options. */
export function checkEncodeOptions(options: EncodeOptions): void {
  if (typeof options !== 'object' || options === null) {
    throw invalidArgument('encode options', 'an object', options)
  }
  checkNames(options, ['keys', 'strings', 'undefinedAs'], 'an encode option')
  checkChoice('keys', options.keys, ['binaries', 'atoms'])
  checkChoice('strings', options.strings, ['binaries', 'byteLists'])
}
