import { ErlangError, outOfRange } from '../../errors.js'
import type { ErlangNode } from '../../otp/erlang-node.js'
import type { ExposedFunctions, ExposeOptions } from '../../otp/rpc/exposed.js'
import { atom } from '../../term/atom.js'
import type { Pid } from '../../term/pid.js'
import { isAtom, isBinary, isList, type Term, type TermInput } from '../../term/term.js'
import { text } from '../../term/text.js'
import { tuple } from '../../term/tuple.js'
import { statusTerm, type TaskStatus } from './status.js'

/** What Erlang can have done with tasks. */
export interface TaskCommands {
  has(name: string): boolean
  /** Whether the definition says that Erlang gets the task's own value. */
  givesResult(name: string): boolean
  run(name: string, data: string, wantsValue: boolean): Promise<TermInput | undefined>
  /** Begins a run and does not wait for it; the pid when it has begun. */
  begin(name: string, data: string): Promise<Pid>
  list(): readonly TaskStatus[]
}

/** A node has one module `evrexec`. */
const nodesWithTasks = new WeakSet<ErlangNode>()

/** Both spellings of the original's documents; the second is none that it answers to. */
const modules = ['evrexec', 'evroute'] as const

/**
 * Lets Erlang run and list tasks, with the outcomes of Kamailio's `evrexec.run`.
 *
 * Shape:  `evrexec:run(Name)`, `run(Name, Data)` → `ok`; `{[{code, 500}, {<<"error">>, Text}]}` for a
 *         parameter that is missing or no string, and for a name that nobody has.
 */
export class Evrexec {
  readonly #node: ErlangNode
  readonly #commands: TaskCommands

  /** Errors: RangeError when the node has an `evrexec` already. */
  constructor(node: ErlangNode, commands: TaskCommands, options: ExposeOptions) {
    if (nodesWithTasks.has(node)) {
      throw outOfRange('node', 'one that no other Tasks is exposed at', node.name)
    }
    this.#node = node
    this.#commands = commands
    for (const module of modules) node.expose(module, this.#functions, options)
    nodesWithTasks.add(node)
  }

  close(): void {
    nodesWithTasks.delete(this.#node)
    for (const module of modules) this.#node.unexpose(module)
  }

  readonly #functions: ExposedFunctions = {
    run: (name, data) => this.#run(name, data),
    'run/3': (name, data, options) => this.#runWith(name, data, options),
    start: (name, data) => this.#start(name, data),
    'pid/1': (name) => this.#pidOf(name, 0),
    'pid/2': (name, index) => this.#pidOf(name, index),
    'list/0': () => this.#commands.list().map(statusTerm),
    'list/1': (name) => this.#listOne(name),
  }

  async #run(name: Term | undefined, data: Term | undefined): Promise<TermInput> {
    const asked = this.#read(name, data)
    if ('fault' in asked) return asked.fault
    return this.#outcome(asked.name, asked.data, this.#commands.givesResult(asked.name))
  }

  /**
   * The options are a list: `result` asks for the task's own value. A string there is ignored, as the
   * original ignores parameters after the second.
   */
  async #runWith(name: Term, data: Term, options: Term): Promise<TermInput> {
    const asked = this.#read(name, data)
    if ('fault' in asked) return asked.fault
    if (!isList(options)) return invalidParameters
    const atoms = options.filter((option) => isAtom(option))
    if (atoms.some((option) => !isAtom(option, 'result'))) return invalidParameters
    return this.#outcome(asked.name, asked.data, atoms.length > 0)
  }

  async #outcome(name: string, data: string, wantsValue: boolean): Promise<TermInput> {
    const value = await this.#commands.run(name, data, wantsValue)
    return wantsValue && value !== undefined ? value : atom('ok')
  }

  async #start(name: Term | undefined, data: Term | undefined): Promise<TermInput> {
    const asked = this.#read(name, data)
    if ('fault' in asked) return asked.fault
    return tuple(atom('ok'), await this.#commands.begin(asked.name, asked.data))
  }

  #pidOf(name: Term, index: Term): TermInput {
    const status = this.#statusOf(name)
    const worker = status?.workers.find((one) => one.index === index)
    return worker?.pid ?? atom('undefined')
  }

  #listOne(name: Term): TermInput {
    const status = this.#statusOf(name)
    return status === undefined ? routeNotFound : statusTerm(status)
  }

  #statusOf(name: Term): TaskStatus | undefined {
    const asked = stringOf(name)
    return this.#commands.list().find((status) => status.name === asked)
  }

  /** The two parameters, or the fault that the original answers with. */
  #read(
    name: Term | undefined,
    data: Term | undefined,
  ): { readonly name: string; readonly data: string } | { readonly fault: TermInput } {
    const asked = name === undefined ? undefined : stringOf(name)
    const text = data === undefined ? '' : stringOf(data)
    if (asked === undefined || asked === '' || text === undefined)
      return { fault: invalidParameters }
    return this.#commands.has(asked) ? { name: asked, data: text } : { fault: routeNotFound }
  }
}

function fault(message: string): TermInput {
  return tuple([tuple(atom('code'), 500), tuple('error', message)])
}

const invalidParameters = fault('Invalid parameters')
const routeNotFound = fault('Event route not found')

/** A string of Erlang, a binary, or an atom. */
function stringOf(term: Term): string | undefined {
  if (isAtom(term)) return term.name
  if (!isBinary(term) && !isList(term)) return undefined
  try {
    return text(term)
  } catch (error) {
    if (error instanceof TypeError || ErlangError.is(error)) return undefined
    throw error
  }
}
