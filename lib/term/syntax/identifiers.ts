import { Atom } from '../atom.js'
import { Pid } from '../pid.js'
import { Port } from '../port.js'
import { Reference } from '../reference.js'
import type { Source } from './source.js'

/** Which node `<0.87.0>` is of, and which creation of a node is meant: text shows neither. */
export interface Origin {
  readonly node: string | undefined
  readonly creation: number | ((node: string) => number)
}

/** `#Pid<…>` and the like; Elixir calls some of them otherwise. */
const IDENTIFIER = /(?:#(Pid|PID|Port|Ref|Reference))?<([^<>\n]{0,400})>/y
const OPAQUE = /#(Fun|Function|Raw|Local)</y

/** The last numbers of an identifier, the words of a reference first. */
const NUMBERS = /^(.*?)\.?(\d+(?:\.\d+)*)$/
const IPV4_NODE = /^([^@]+@\d+\.\d+\.\d+\.\d+)\.(\d+(?:\.\d+)*)$/
const NAMED_NODE = /^([^@]+@[^.]+(?:\..*?)??)\.(\d+(?:\.\d+)*)$/

const MAX_WORD = 0xffffffff

/**
 * A pid, port or reference: `<shop@127.0.0.1.87.0>`, `#Ref<shop@127.0.0.1.3.2.1>`, and with the node
 * in `origin` also `<0.87.0>` and `#Ref<0.3.2.1>`, as that node itself prints them.
 */
export function readIdentifier(source: Source, origin: Origin): Pid | Port | Reference {
  const start = source.at
  const opaque = source.match(OPAQUE)
  if (opaque !== undefined) {
    source.fail(
      `a term that can be read (the text of #${opaque[1]}<…> does not hold it all)`,
      start,
    )
  }
  const [, sort = 'Pid', inner = ''] =
    source.match(IDENTIFIER) ?? source.fail('a binary <<…>> or a pid <…>')
  const { node, numbers } = split(source, inner, origin, start)
  const creation = typeof origin.creation === 'function' ? origin.creation(node) : origin.creation
  return identifier(source, sort, Atom.of(node), numbers, creation, start)
}

function split(source: Source, inner: string, origin: Origin, at: number) {
  const named = IPV4_NODE.exec(inner) ?? NAMED_NODE.exec(inner)
  if (named !== null) {
    const [, node = '', numbers = ''] = named
    return { node, numbers: numbers.split('.').map(BigInt) }
  }
  const numbers = NUMBERS.exec(inner)
  if (numbers === null || numbers[1] !== '') source.fail('a node name and numbers in <…>', at)
  const [nodeNumber, ...rest] = (numbers[2] ?? '').split('.').map(BigInt)
  if (origin.node === undefined) {
    source.fail(
      'a node name in <…>, or the option node, for <0.…> says not which node it is of',
      at,
    )
  }
  if (nodeNumber !== 0n) {
    source.fail('<0.…>: which node another number means, only the node that printed it knows', at)
  }
  return { node: origin.node, numbers: rest }
}

function identifier(
  source: Source,
  sort: string,
  node: Atom,
  numbers: readonly bigint[],
  creation: number,
  at: number,
): Pid | Port | Reference {
  if (sort === 'Port') {
    const [id] = numbers
    if (numbers.length !== 1 || id === undefined || id >= 2n ** 64n) {
      source.fail('a port with one number below 2^64', at)
    }
    return new Port(node, id, creation)
  }
  const words = numbers.map(Number)
  if (words.some((word) => word > MAX_WORD)) source.fail('numbers of at most 32 bits', at)
  if (sort.startsWith('Ref')) {
    if (words.length < 1 || words.length > 5) source.fail('a reference of one to five numbers', at)
    return new Reference(node, words.toReversed(), creation)
  }
  const [id, serial] = words
  if (words.length !== 2 || id === undefined || serial === undefined) {
    source.fail('a pid with two numbers', at)
  }
  return new Pid(node, id, serial, creation)
}
