import type { Pid } from '../../../term/pid.js'
import type { Term } from '../../../term/term.js'
import { readText } from '../../protocol/text.js'
import { childOf, parseXml } from '../../protocol/xml.js'

/**
 * Why a fetch found nothing. `unbound`: no process is bound to the section. `timeout`: nobody
 * answered in time. `gone`: all who were asked have ended. `empty`: the answer was `[]` or `<<>>`.
 * `notFound`: it was a document that says so. `notText`: it was neither a binary nor a string of at
 * most 65,535 bytes, or no UTF-8. `malformed`: it is no XML; `detail` says where. `closed`: the host was.
 */
export type NothingFetched =
  | 'unbound'
  | 'timeout'
  | 'gone'
  | 'empty'
  | 'notFound'
  | 'notText'
  | 'malformed'
  | 'closed'

/** What came of a fetch. */
export type FetchOutcome =
  | { readonly kind: 'found'; readonly xml: string; readonly from: Pid }
  | {
      readonly kind: 'nothing'
      readonly reason: NothingFetched
      readonly detail?: string
      /** Who gave the answer, where there was one. */
      readonly from?: Pid | undefined
    }

/** Judges the text of an answer as FreeSWITCH's core does: what does not parse is none. */
export function readFetchAnswer(term: Term | undefined, from: Pid): FetchOutcome {
  const nothing = (reason: NothingFetched, detail?: string): FetchOutcome =>
    detail === undefined
      ? { kind: 'nothing', reason, from }
      : { kind: 'nothing', reason, detail, from }
  if (term === undefined) return nothing('empty')
  const xml = readText(term)
  if (xml === undefined) return nothing('notText')
  if (xml === '') return nothing('empty')
  try {
    return saysNotFound(xml) ? nothing('notFound') : { kind: 'found', xml, from }
  } catch (error) {
    return nothing('malformed', error instanceof Error ? error.message : String(error))
  }
}

/** `<section name="result"><result status="not found"/></section>`. Errors: SyntaxError for no XML. */
function saysNotFound(xml: string): boolean {
  const result = childOf(childOf(parseXml(xml), 'section', ['name', 'result']), 'result')
  return result?.attributes.get('status')?.toLowerCase() === 'not found'
}
