import { inspect } from 'node:util'
import { Atom } from './atom.js'
import { brand, brandedKind } from './brand.js'
import { checkAtom, checkBytes, checkIntegerOf } from './checks.js'
import { quoteAtom } from './quote.js'

/**
 * A fun with its environment. Opaque: it can be kept and sent back, and only a node that has its
 * module can call it.
 */
export class Fun {
  declare readonly kind: 'fun'
  readonly module: Atom
  readonly arity: number
  readonly index: number
  readonly uniq: number
  /** The exact external term format, without version byte. */
  readonly bytes: Uint8Array

  constructor(module: Atom, arity: number, index: number, uniq: number, bytes: Uint8Array) {
    checkAtom('module', module)
    checkBytes('bytes', bytes)
    this.module = module
    this.arity = arity
    this.index = index
    this.uniq = uniq
    this.bytes = bytes
  }

  /** True for a fun that is no `fun M:F/A`, also for one of another copy of this package. */
  static is(value: unknown): value is Fun {
    return value instanceof Fun || brandedKind(value) === 'fun'
  }

  /** As Erlang would print it, as far as it is known. */
  toString(): string {
    return `#Fun<${this.module.name}.${this.index}.${this.uniq}>`
  }

  /** What `toString` gives: JSON has no such value. */
  toJSON(): string {
    return this.toString()
  }

  [inspect.custom](): string {
    return this.toString()
  }
}
brand(Fun.prototype, 'fun')

/** `fun Module:Function/Arity`. */
export class ExternalFun {
  declare readonly kind: 'export'
  readonly module: Atom
  readonly function: Atom
  readonly arity: number

  /** Errors: TypeError for names that are no atoms; RangeError for an arity outside 0…255. */
  constructor(module: Atom, functionName: Atom, arity: number) {
    checkAtom('module', module)
    checkAtom('functionName', functionName)
    checkIntegerOf('arity', arity, 0, 255)
    this.module = module
    this.function = functionName
    this.arity = arity
  }

  /** True for a `fun M:F/A`, also for one of another copy of this package. */
  static is(value: unknown): value is ExternalFun {
    return value instanceof ExternalFun || brandedKind(value) === 'export'
  }

  /** As Erlang would print it, as far as it is known. */
  toString(): string {
    return `fun ${quoteAtom(this.module.name)}:${quoteAtom(this.function.name)}/${this.arity}`
  }

  /** What `toString` gives: JSON has no such value. */
  toJSON(): string {
    return this.toString()
  }

  [inspect.custom](): string {
    return this.toString()
  }
}
brand(ExternalFun.prototype, 'export')

/** `fun module:function/arity` by its three parts; arity 0…255. */
export function externalFun(module: string, functionName: string, arity: number): ExternalFun {
  return new ExternalFun(Atom.of(module), Atom.of(functionName), arity)
}
