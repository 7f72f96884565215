import { isTuple, type Term } from '../../term/term.js'
import type { Header } from './switch-event.js'
import { readString } from './text.js'

/** FreeSWITCH's buffer for a name holds one more. */
const longestName = 1_023

/**
 * Reads the headers of `sendevent` and `sendmsg`: a list of pairs of strings, and of nothing else.
 *
 * Returns: undefined for what is no such list.
 * Source:  mod_erlang_event, handle_msg.c, build_event; seed-systems 2.4.
 */
export function readHeaders(term: unknown): Header[] | undefined {
  if (!Array.isArray(term)) return undefined
  const headers: Header[] = []
  for (const element of term as Term[]) {
    if (!isTuple(element, 2)) return undefined
    const name = readString(element[0])
    const value = readString(element[1])
    if (name === undefined || value === undefined) return undefined
    if (Buffer.byteLength(name) > longestName) return undefined
    headers.push([name, value])
  }
  return headers
}
