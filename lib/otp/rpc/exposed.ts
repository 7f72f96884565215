import { checkNames, checkObject } from '../../base/validate.js'
import { invalidArgument, outOfRange } from '../../errors.js'
import {
  checkEncodeOptions,
  type DecodeOptions,
  type DecodePreset,
  type EncodeOptions,
  type ResolvedDecodeOptions,
  resolveDecodeOptions,
} from '../../native/options.js'
import { type PeerChoice, type PeerTest, resolvePeerChoice } from '../../node/peer-pattern.js'
import { atom } from '../../term/atom.js'
import type { Term } from '../../term/term.js'

/**
 * A function that Erlang may call. It may return a promise. Its parameters may have types of their
 * own, narrower than `Term` (a method's may, where a function's must not): nothing checks at run time
 * that Erlang keeps to them.
 */
export type ExposedFunction = { call(...args: Term[]): unknown }['call']

/** Functions by name, or by name and arity: `'total/2'` wins over `total` for two arguments. */
export type ExposedFunctions = Readonly<Record<string, ExposedFunction>>

/** Options of `expose`. */
export interface ExposeOptions {
  /**
   * The peers that may call, as node names with `*` for any text, or as a function; every peer when
   * absent. For the others the functions do not exist: they are `undef`.
   */
  readonly exposeTo?: PeerChoice
  /** How the arguments are decoded, in place of the node's choice. */
  readonly decode?: DecodeOptions | DecodePreset
  /** How the value is encoded, in place of the node's choice. */
  readonly encode?: EncodeOptions
}

/** One function, ready to be called. */
export interface Exposure {
  readonly run: ExposedFunction
  /** What `this` is in it: the object it was given in. */
  readonly owner: object
  readonly isFor: PeerTest | undefined
  readonly decode: ResolvedDecodeOptions | undefined
  readonly encode: EncodeOptions | undefined
}

/** All functions of one name: one for any arity, and those for one arity. */
interface Overloads {
  any: Exposure | undefined
  readonly byArity: Map<number, Exposure>
}

/** Stands for every module that has no function of that name itself. */
export const anyModule = '*'

const optionNames = ['exposeTo', 'decode', 'encode']
const largestArity = 255

/** What Erlang may call, and nothing else: by module, name and arity. */
export class ExposedTable {
  readonly #modules = new Map<string, Map<string, Overloads>>()
  /** Whether some function wants its arguments decoded in a way of its own. */
  hasOwnDecoding = false

  /**
   * Adds functions to a module; those of the same name and arity are replaced.
   *
   * Errors: TypeError for what is no function or has no name, RangeError for an arity out of range and
   *         for names that no atom has.
   */
  expose(module: string, functions: ExposedFunctions, options: ExposeOptions = {}): void {
    const common = resolveOptions(options)
    const entries = Object.entries(checkFunctions(functions))
    const checked = entries.map(([key, run]) => ({ ...parseKey(key), run: checkRun(key, run) }))
    // What is no name of an atom nobody can call.
    for (const name of [module, ...checked.map((one) => one.name)]) atom(name)
    if (common.decode !== undefined) this.hasOwnDecoding = true
    const names = this.#modules.get(module) ?? new Map<string, Overloads>()
    this.#modules.set(module, names)
    for (const { name, arity, run } of checked) {
      const overloads = names.get(name) ?? { any: undefined, byArity: new Map() }
      names.set(name, overloads)
      const exposure = { run, owner: functions, ...common }
      if (arity === undefined) overloads.any = exposure
      else overloads.byArity.set(arity, exposure)
    }
  }

  /** Takes a module away. False when it was not there. */
  unexpose(module: string): boolean {
    return this.#modules.delete(module)
  }

  /** The function that a peer may call; undefined is `undef`. */
  find(module: string, name: string, arity: number, peer: string): Exposure | undefined {
    const overloads =
      this.#modules.get(module)?.get(name) ?? this.#modules.get(anyModule)?.get(name)
    const exposure = overloads?.byArity.get(arity) ?? overloads?.any
    return exposure?.isFor?.(peer) === false ? undefined : exposure
  }
}

function checkFunctions(functions: unknown): object {
  // Else the functions of an array would have the names '0', '1' and so on.
  if (!Array.isArray(functions)) return checkObject('functions', functions)
  throw invalidArgument('functions', 'an object of functions by name', functions)
}

function checkRun(key: string, run: unknown): ExposedFunction {
  if (typeof run !== 'function') throw invalidArgument(`functions['${key}']`, 'a function', run)
  return run as ExposedFunction
}

function resolveOptions(options: ExposeOptions) {
  checkNames('expose', checkObject('options', options), optionNames)
  if (options.encode !== undefined) checkEncodeOptions(options.encode)
  return {
    isFor:
      options.exposeTo === undefined ? undefined : resolvePeerChoice('exposeTo', options.exposeTo),
    decode: options.decode === undefined ? undefined : resolveDecodeOptions(options.decode),
    encode: options.encode,
  }
}

/** `'f'` or `'f/2'`. */
function parseKey(key: string): { name: string; arity: number | undefined } {
  const slash = key.lastIndexOf('/')
  if (slash <= 0) return { name: key, arity: undefined }
  const digits = key.slice(slash + 1)
  const arity = Number(digits)
  if (!/^\d+$/.test(digits) || arity > largestArity) {
    throw outOfRange(`functions['${key}']`, `name/arity with an arity up to ${largestArity}`, key)
  }
  return { name: key.slice(0, slash), arity }
}
