import {
  Atom,
  atom,
  Charlist,
  encode,
  isList,
  isTuple,
  type Term,
  type TermInput,
  Tuple,
} from '../index.js'

const undefinedAtom = atom('undefined')

/**
 * A value as a script would write it: text is a string of bytes, never a binary; `null` is the atom
 * `undefined`. All else stays as it is.
 *
 * Errors: ERR_ERL_ENCODE for what has no Erlang form.
 */
export function scriptTerm(value: TermInput): TermInput {
  if (typeof value === 'string') return Array.from(Buffer.from(value))
  if (value === null) return undefinedAtom
  if (typeof value !== 'object') return Number.isInteger(value) ? value : checked(value)
  if (Atom.is(value)) return value
  if (value instanceof Uint8Array) return Array.from(value)
  if (Charlist.is(value)) return Array.from(Buffer.from(value.text))
  if (isTuple(value)) return new Tuple(value.elements.map(scriptTerm))
  return Array.isArray(value) ? value.map(scriptTerm) : checked(value)
}

function checked(value: TermInput): TermInput {
  encode(value)
  return value
}

/**
 * What Kamailio's decoder would fail on, or undefined: binaries, maps, bit strings, funs, `[]`, and
 * whatever follows a list.
 *
 * Source: `seen` in Kamailio 5.6.3: such an answer makes `erl_rpc` return -1, or a null variable.
 */
export function unreadable(term: Term, path = 'term', isLast = true): string | undefined {
  if (isTuple(term)) return firstUnreadable(term.elements, path, isLast)
  if (isList(term)) {
    if (term.length === 0) return `${path} is []`
    if (term.every((byte) => typeof byte === 'number' && byte >= 0 && byte < 256)) return undefined
    return isLast ? firstUnreadable(term, path, true) : `something follows the list ${path}`
  }
  const isScalar = typeof term !== 'object' || Atom.is(term)
  const isNamed = !isScalar && term !== null && 'kind' in term
  if (typeof term !== 'string' && isScalar) return undefined
  if (isNamed && (term.kind === 'pid' || term.kind === 'reference')) return undefined
  return `${path} is a term that Kamailio cannot read`
}

function firstUnreadable(
  elements: readonly Term[],
  path: string,
  isLast: boolean,
): string | undefined {
  const last = elements.length - 1
  for (const [at, element] of elements.entries()) {
    const found = unreadable(element, `${path}[${at}]`, isLast && at === last)
    if (found !== undefined) return found
  }
  return undefined
}
