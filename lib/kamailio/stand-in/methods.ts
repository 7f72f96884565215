import {
  Atom,
  atom,
  isAtom,
  isList,
  isTagged,
  isTuple,
  type Pid,
  type Term,
  type TermInput,
  text,
  tuple,
} from '../../index.js'
import { KamailioFault } from '../rpc/fault.js'
import { answerTerm, faultTerm, type MethodValue } from './reply-terms.js'

/** A parameter as a method gets it: a struct is an object. */
export type MethodParameter =
  | string
  | number
  | bigint
  | { readonly [member: string]: string | number | bigint }

/** A method of the stand-in. What it throws is a fault: a `KamailioFault`, or 500. */
export type Method = (
  ...parameters: MethodParameter[]
) => MethodValue | undefined | Promise<MethodValue | undefined>

const badrpc = atom('badrpc')

/** The methods by name, and the answers of `rex` around them. */
export class MethodTable {
  readonly #methods = new Map<string, Method>()
  readonly #whereis: (name: string) => Pid | undefined

  constructor(whereis: (name: string) => Pid | undefined) {
    this.#whereis = whereis
  }

  set(name: string, method: Method): void {
    this.#methods.set(name, method)
  }

  /** Answers a request to `rex`; never throws. */
  async answer(request: Term): Promise<TermInput> {
    if (!isTagged(request, 'call', 5)) return tuple(badrpc, stringOf('Unsupported rex request.'))
    const [, moduleTerm, functionTerm, args] = request.elements
    const module = nameOf(moduleTerm)
    const name = nameOf(functionTerm)
    if (module === undefined || name === undefined) {
      return tuple(badrpc, stringOf('Unsupported rex request.'))
    }
    if (!isList(args)) return tuple(atom('badarith'), stringOf('Expected list of parameters.'))
    if (module === 'erlang') return this.#erlang(name, args)
    const method = this.#methods.get(`${module}.${name}`)
    return method === undefined ? notFound() : await run(method, args)
  }

  #erlang(name: string, args: readonly Term[]): TermInput {
    if (name !== 'whereis') return notFound()
    const [asked] = args
    if (args.length !== 1) {
      const what = `undefined function erlang:whereis/${args.length}`
      return tuple(atom('badarith'), stringOf(what))
    }
    if (!isAtom(asked)) return tuple(atom('badarg'), stringOf('bad argument'))
    return this.#whereis(asked.name) ?? atom('undefined')
  }
}

async function run(method: Method, args: readonly Term[]): Promise<TermInput> {
  try {
    return answerTerm(await method(...args.map(parameterOf)))
  } catch (error) {
    return faultTerm(KamailioFault.is(error) ? error : new KamailioFault(500, String(error)))
  }
}

/** Errors: the fault that Kamailio's own scanner gives. */
function parameterOf(term: Term, at: number): MethodParameter {
  if (typeof term === 'number' || typeof term === 'bigint') return term
  if (isTuple(term)) return structOf(term.elements, at)
  return textOf(term, at)
}

/** `{key1, V1, key2, V2}` with atoms as keys. */
function structOf(elements: readonly Term[], at: number) {
  const members: Record<string, string | number | bigint> = Object.create(null)
  for (let i = 0; i < elements.length; i += 2) {
    const [key, value] = [elements[i], elements[i + 1]]
    if (!Atom.is(key) || value === undefined) throw conversionFault('struct', at)
    members[key.name] =
      typeof value === 'number' || typeof value === 'bigint' ? value : textOf(value, at)
  }
  return members
}

function textOf(term: Term, at: number): string {
  const isText = typeof term === 'string' || Buffer.isBuffer(term) || isList(term)
  const found = isText ? text(term) : ''
  if (found === '') throw conversionFault('string', at)
  return found
}

function conversionFault(type: string, at: number): KamailioFault {
  return new KamailioFault(400, `Can't convert to ${type} parameter #${at + 1}.`)
}

function notFound(): TermInput {
  return tuple(badrpc, stringOf('Method Not Found'))
}

/** An atom, a string or a binary. */
function nameOf(term: Term | undefined): string | undefined {
  if (isAtom(term)) return term.name
  if (term === undefined || (!isList(term) && !Buffer.isBuffer(term) && typeof term !== 'string')) {
    return undefined
  }
  return text(term)
}

function stringOf(words: string): readonly number[] {
  return Array.from(Buffer.from(words))
}
