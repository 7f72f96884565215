import { checkNames } from '../base/validate.js'
import { invalidArgument } from '../errors.js'
import { Atom } from '../term/atom.js'
import { Pid } from '../term/pid.js'
import { Reference } from '../term/reference.js'
import { nameAtom } from './name-atoms.js'
import { parseNodeName } from './node-name.js'

/** A registered name, here or at a peer. */
export interface RemoteName {
  readonly name: string | Atom
  /** This node when absent. */
  readonly node?: string | Atom
}

/** Where a message goes: a process, an alias, a name on this node, a name at a node. */
export type Destination = Pid | Reference | string | Atom | RemoteName

/** A destination that has been checked. */
export type Target =
  | { readonly to: Pid | Reference; readonly node: string }
  /** The node is undefined for names here. */
  | { readonly to: Atom | boolean; readonly node: string | undefined }

/** Errors: TypeError for what is no destination, RangeError for a malformed node name. */
export function resolveDestination(argument: string, value: unknown): Target {
  if (Pid.is(value) || Reference.is(value)) return { to: value, node: value.node.name }
  if (typeof value === 'string' && value !== '') return { to: nameAtom(value), node: undefined }
  if (Atom.is(value)) return { to: value, node: undefined }
  const named = typeof value === 'object' && value !== null ? namedBy(argument, value) : undefined
  if (named !== undefined) return named
  throw invalidArgument(argument, 'a pid, an alias, a name or { name, node }', value)
}

/** Of `{ name, node }`; undefined when the name is none. */
function namedBy(argument: string, value: object): Target | undefined {
  const name = 'name' in value ? nameOf(value.name) : undefined
  if (name === undefined) return undefined
  const node = 'node' in value ? value.node : undefined
  if (node !== undefined) return { to: name, node: nodeNameOf(node) }
  // The name is one of this node then, which a misspelt `node` is not to make it.
  checkNames(argument, value, ['name', 'node'])
  return { to: name, node: undefined }
}

/** Names that have been found good: to take one apart is a tenth of the time of a call. */
const goodNames = new Set<unknown>()
const mostGoodNames = 1_000

/** The text of a node name given as text or as an atom. */
export function nodeNameOf(value: unknown): string {
  const name = Atom.is(value) ? value.name : value
  if (goodNames.has(name)) return name as string
  const { full } = parseNodeName('node', name)
  if (goodNames.size === mostGoodNames) goodNames.clear()
  goodNames.add(full)
  return full
}

function nameOf(value: unknown): Atom | boolean | undefined {
  if (Atom.is(value)) return value
  return typeof value === 'string' && value !== '' ? nameAtom(value) : undefined
}
