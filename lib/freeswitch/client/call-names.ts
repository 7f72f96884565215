import { checkText } from '../../base/validate.js'
import { ErlangError, outOfRange } from '../../errors.js'
import { callContext, type Process } from '../../index.js'
import type { ErlangNode } from '../../otp/erlang-node.js'
import { atom } from '../../term/atom.js'
import type { Term, TermInput } from '../../term/term.js'

/** Gets what a switch sends to a name. */
export type NameUser = (message: Term) => void
/** Gives the pid for a call that a switch asks for, with the reference that it gave. */
export type FunctionUser = (reference: Term) => TermInput

/** What stands before the node in the dialplan's `erlang` application. */
export type CallTarget =
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'function'; readonly module: string; readonly name: string }

/** `name`, `name:!` (both of which a name gets), or `module:function`. Errors: RangeError. */
export function parseCallTarget(argument: string, value: unknown): CallTarget {
  const target = checkText(argument, value)
  const [, first = '', second] = /^([^\s:]+)(?::([^\s:]+))?$/.exec(target) ?? []
  if (first === '') throw outOfRange(argument, "'name', 'name:!' or 'module:function'", target)
  if (second === undefined || second === '!') return { kind: 'name', name: first }
  return { kind: 'function', module: first, name: second }
}

interface RegisteredName {
  readonly process: Process
  readonly users: Map<string, NameUser>
}

const namesOfNode = new WeakMap<ErlangNode, CallNames>()

/** The names of one node that switches call: several clients may use one, each for its own switch. */
export class CallNames {
  readonly #node: ErlangNode
  readonly #registered = new Map<string, RegisteredName>()
  readonly #exposed = new Map<string, Map<string, FunctionUser>>()

  private constructor(node: ErlangNode) {
    this.#node = node
  }

  static of(node: ErlangNode): CallNames {
    const known = namesOfNode.get(node)
    if (known !== undefined) return known
    const names = new CallNames(node)
    namesOfNode.set(node, names)
    return names
  }

  /** Errors: RangeError when the name is taken, by another process or for the same switch. */
  claim(name: string, peer: string, user: NameUser): () => void {
    const entry = this.#registeredName(name)
    checkFree(entry.users, peer, name)
    entry.users.set(peer, user)
    return () => {
      if (entry.users.get(peer) !== user) return
      entry.users.delete(peer)
      if (entry.users.size > 0) return
      entry.process.exit()
      if (this.#registered.get(name) === entry) this.#registered.delete(name)
    }
  }

  /** Errors: RangeError when the function is taken for the same switch. */
  expose(module: string, name: string, peer: string, user: FunctionUser): () => void {
    const users = this.#exposedFunction(module, name)
    checkFree(users, peer, `${module}:${name}`)
    users.set(peer, user)
    return () => {
      if (users.get(peer) === user) users.delete(peer)
    }
  }

  #registeredName(name: string): RegisteredName {
    const known = this.#registered.get(name)
    if (known?.process.isAlive === true) return known
    const users = new Map<string, NameUser>()
    const process = this.#node.register(name, (message, { node }) => users.get(node)?.(message), {
      decode: {},
    })
    const entry = { process, users }
    this.#registered.set(name, entry)
    return entry
  }

  /** Once exposed it stays so: only whole modules can be taken back, and this may be a shared one. */
  #exposedFunction(module: string, name: string): Map<string, FunctionUser> {
    const key = `${module}:${name}`
    const known = this.#exposed.get(key)
    if (known !== undefined) return known
    const users = new Map<string, FunctionUser>()
    const run = (reference: Term): TermInput => {
      const user = users.get(callContext()?.node ?? '')
      if (user === undefined) throw undefinedFunction(key)
      return user(reference)
    }
    this.#node.expose(module, { [`${name}/1`]: run }, { decode: {} })
    this.#exposed.set(key, users)
    return users
  }
}

function checkFree(users: ReadonlyMap<string, unknown>, peer: string, name: string): void {
  if (users.has(peer)) throw outOfRange('name', `one that has no handler for ${peer} yet`, name)
}

function undefinedFunction(name: string): ErlangError {
  const options = { reason: atom('undef'), remoteClass: 'error' } as const
  return new ErlangError('ERR_ERL_REMOTE', `${name} has no handler for this switch`, options)
}
