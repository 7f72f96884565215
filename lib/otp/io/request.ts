import { ErlangError } from '../../errors.js'
import { atomName } from '../../node/atom-name.js'
import { atom } from '../../term/atom.js'
import { isTuple, type Term, type TermInput } from '../../term/term.js'
import { text } from '../../term/text.js'
import { tuple } from '../../term/tuple.js'
import { latin1Text } from './chars.js'
import { formatText, writeText } from './format.js'

/** What an io server is asked: to write a text, to do several things, or what is answered at once. */
export type IoRequest =
  | { readonly kind: 'output'; readonly text: string }
  | { readonly kind: 'requests'; readonly requests: readonly Term[] }
  | { readonly kind: 'answer'; readonly answer: TermInput }

const eof = atom('eof')
const error = atom('error')
const unsupported = tuple(error, atom('enotsup'))
const unknownRequest = tuple(error, atom('request'))

/**
 * Reads a request of Erlang's io protocol. Output is formatted here; of input there is none.
 *
 * Shape:  `{put_chars, Encoding, Chars}`, `{put_chars, Encoding, io_lib, format, [Format, Args]}` and
 *         both without encoding (latin1, of peers that lack UNICODE_IO); `{requests, Requests}`;
 *         `{get_chars, …}`, `{get_line, …}`, `{get_until, …}`; `getopts`, `{setopts, …}`,
 *         `{get_geometry, …}`.
 * Source: "The Erlang I/O Protocol"; OTP 25, kernel/src/group.erl, io_request/5.
 */
export function readIoRequest(request: Term): IoRequest {
  const elements = isTuple(request) ? request.elements : [request]
  const [tag, second] = elements
  switch (atomName(tag)) {
    case 'put_chars':
      return outputOf(elements.slice(1))
    case 'requests':
      return Array.isArray(second) ? { kind: 'requests', requests: second } : answer(unknownRequest)
    case 'get_chars':
    case 'get_line':
    case 'get_until':
    case 'get_password':
      return answer(eof)
    case 'getopts':
      return answer([tuple(atom('binary'), true), tuple(atom('encoding'), atom('unicode'))])
    case 'setopts':
    case 'get_geometry':
      return answer(unsupported)
    default:
      return answer(unknownRequest)
  }
}

function answer(value: TermInput): IoRequest {
  return { kind: 'answer', answer: value }
}

/** Behind `put_chars`: an encoding or none, then characters or a function that makes them. */
function outputOf(rest: readonly Term[]): IoRequest {
  const hasEncoding = rest.length === 2 || rest.length === 4
  const encoding = hasEncoding ? atomName(rest[0]) : 'latin1'
  const [first = null, name = null, args = null] = hasEncoding ? rest.slice(1) : rest
  if (rest.length === 0 || rest.length > 4) return answer(unknownRequest)
  const isCall = rest.length > 2
  try {
    const written = isCall ? callText(first, name, args) : charsText(first, encoding)
    if (written !== undefined) return { kind: 'output', text: written }
  } catch (failure) {
    if (!isBadTerm(failure)) throw failure
  }
  return answer(tuple(error, isCall ? (name as TermInput) : atom('put_chars')))
}

/** What is wrong is the request, which comes from a peer. */
function isBadTerm(failure: unknown): boolean {
  return failure instanceof TypeError || failure instanceof RangeError || ErlangError.is(failure)
}

function charsText(chars: Term, encoding: string | undefined): string | undefined {
  if (encoding === 'latin1') return latin1Text(chars)
  return encoding === 'unicode' || encoding === 'utf8' ? text(chars as TermInput) : undefined
}

/** The functions that the module `io` of a peer asks for; others cannot run here. */
function callText(module: Term, name: Term, args: Term): string | undefined {
  if (atomName(module) !== 'io_lib' || !Array.isArray(args)) return undefined
  switch (`${atomName(name)}/${args.length}`) {
    case 'format/2':
    case 'fwrite/2':
      return formatText(args[0], args[1])
    case 'write/1':
      return writeText(args[0])
    case 'nl/0':
      return '\n'
    default:
      return undefined
  }
}
