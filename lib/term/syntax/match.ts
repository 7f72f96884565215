import { isUtf8 } from 'node:buffer'
import { types } from 'node:util'
import { Atom } from '../atom.js'
import { equals } from '../compare.js'
import { type Kind, kindOf, listPartsOf, tupleElementsOf } from '../kind.js'
import { ImproperList } from '../list.js'
import { TermMap } from '../map.js'
import type { Term, TermInput } from '../term.js'
import { Tuple } from '../tuple.js'
import { bind, type Compilation, type Match, type Run } from './binding.js'
import { checkedKind, compileBuild } from './build.js'
import { compileBinaryMatch } from './match-binary.js'
import { Placeholder } from './placeholder.js'
import { OpenMap } from './reader.js'
import { OpenBinary } from './segment.js'

/** The function that says whether a term is as `node` has it, and binds its variables. */
export function compileMatch(node: unknown, compilation: Compilation): Match {
  if (node instanceof Placeholder) return compilePlaceholder(node, compilation)
  if (node instanceof Tuple) return compileTuple(node.elements, compilation)
  if (Array.isArray(node)) return compileList(node, undefined, compilation)
  if (node instanceof ImproperList) return compileList(node.elements, node.tail, compilation)
  if (node instanceof OpenMap) return compileMap(node, compilation)
  if (node instanceof OpenBinary) return compileBinaryMatch(node, compilation)
  const kind = kindOf(node)
  return (term) => kindOrNone(term) === kind && equals(node as TermInput, term as TermInput)
}

function compilePlaceholder(placeholder: Placeholder, compilation: Compilation): Match {
  const { sort, name, index } = placeholder
  if (sort === 'any') return () => true
  if (sort === 'variable') {
    compilation.variables.add(name)
    return (term, run) => bind(name, term, run)
  }
  compilation.checks.push((values) => checkedKind(values, index))
  return (term, { values }) =>
    kindOrNone(term) === kindOf(values[index]) &&
    equals(values[index] as TermInput, term as TermInput)
}

/** The Erlang type of a value, undefined where it has none. */
function kindOrNone(value: unknown): Kind | undefined {
  try {
    return kindOf(value)
  } catch {
    return undefined
  }
}

function compileTuple(nodes: readonly unknown[], compilation: Compilation): Match {
  const matchAll = compileRow(nodes, compilation)
  return (term, run) => {
    if (!Tuple.is(term) || term.length !== nodes.length) return false
    return matchAll(tupleElementsOf(term), run)
  }
}

/** The first elements of a list or tuple that has as many at least. */
function compileRow(nodes: readonly unknown[], compilation: Compilation) {
  const matches = nodes.map((node) => compileMatch(node, compilation))
  return (terms: readonly unknown[], run: Run): boolean =>
    matches.every((match, at) => match(terms[at], run))
}

function compileList(nodes: readonly unknown[], tail: unknown, compilation: Compilation): Match {
  const matchAll = compileRow(nodes, compilation)
  const matchTail = tail === undefined ? undefined : compileMatch(tail, compilation)
  return (term, run) => {
    if (kindOrNone(term) !== 'list') return false
    const list = listPartsOf(term)
    const { elements, isProper } = list
    if (matchTail === undefined) {
      return isProper && elements.length === nodes.length && matchAll(elements, run)
    }
    if (elements.length < nodes.length || !matchAll(elements, run)) return false
    const rest = elements.slice(nodes.length) as Term[]
    if (isProper) return matchTail(rest, run)
    return matchTail(rest.length === 0 ? list.tail : new ImproperList(rest, list.tail as Term), run)
  }
}

/** Every key of the pattern must be there; others may be. */
function compileMap({ flat }: OpenMap, compilation: Compilation): Match {
  const entries: { key: (values: readonly unknown[]) => unknown; match: Match }[] = []
  for (let at = 0; at < flat.length; at += 2) {
    const key = compileBuild(flat[at], compilation.source)
    compilation.checks.push((values) => void key(values))
    entries.push({ key, match: compileMatch(flat[at + 1], compilation) })
  }
  return (term, run) => {
    if (kindOrNone(term) !== 'map') return false
    const find = finder(term as object)
    return entries.every(({ key, match }) => {
      const value = find(key(run.values) as Term)
      return value !== undefined && match(value, run)
    })
  }
}

/** Finds values by their keys, whichever shape of a map it is; undefined where there is none. */
function finder(map: object): (key: Term) => unknown {
  if (TermMap.is(map)) return (key) => map.get(key)
  if (types.isMap(map)) {
    const terms = new TermMap(map as Map<TermInput, TermInput>)
    return (key) => terms.get(key)
  }
  return (key) => {
    const name = propertyOf(key)
    return name !== undefined && Object.hasOwn(map, name)
      ? (map as Record<string, unknown>)[name]
      : undefined
  }
}

/** The property that a key is in a plain object, where atoms and text are names alike. */
function propertyOf(key: Term): string | undefined {
  if (typeof key === 'string') return key
  if (typeof key === 'boolean') return String(key)
  if (Atom.is(key)) return key.name
  return Buffer.isBuffer(key) && isUtf8(key) ? key.toString() : undefined
}
