import { ErlangError } from '../../errors.js'
import { Atom, atom } from '../../term/atom.js'
import { format } from '../../term/format.js'
import { isAtom, isTagged, type Term } from '../../term/term.js'
import { readSentText } from '../protocol/text.js'

/** What has been asked of whom, for messages of errors: `api status of freeswitch@host`. */
export type Asked = string

/** Takes `ok`. Errors: as `refusalOf`. */
export function readOk(answer: Term, asked: Asked): void {
  if (!isAtom(answer, 'ok')) throw refusalOf(answer, asked)
}

/** Takes `{ok, Text}`. Errors: as `refusalOf`. */
export function readOkText(answer: Term, asked: Asked): string {
  const output = isTagged(answer, 'ok', 2) ? readSentText(answer[1]) : undefined
  if (output === undefined) throw refusalOf(answer, asked)
  return output
}

/** Whether a term is what FreeSWITCH answers to a command, and not something that it tells. */
export function isPlainReply(term: Term): boolean {
  return isAtom(term, 'ok') || isTagged(term, 'error')
}

/**
 * What a refusal means: ERR_ERL_REMOTE with the `reason`, which is a string where FreeSWITCH gives
 * text (`-ERR No such channel!\n`) and an atom where it gives one (`badarg`, `nosession`);
 * ERR_ERL_REFUSED when its access list turns this node away; ERR_ERL_PROTOCOL for any other answer.
 */
export function refusalOf(answer: Term, asked: Asked): ErlangError {
  if (!isTagged(answer, 'error')) return strange(answer, asked)
  // FreeSWITCH answers {error} to a session_setevent with ALL.
  const given = answer.length === 1 ? atom('badarg') : answer[1]
  if (isAtom(given, 'acldeny')) {
    const message = `${asked} was turned away: an access list of FreeSWITCH denies this node`
    return new ErlangError('ERR_ERL_REFUSED', message, { reason: given })
  }
  const reason = Atom.is(given) ? given : readSentText(given)
  if (reason === undefined) return strange(answer, asked)
  return failed(reason, asked)
}

/** ERR_ERL_REMOTE with what FreeSWITCH said. */
export function failed(reason: Atom | string, asked: Asked): ErlangError {
  const said = Atom.is(reason) ? reason.name : reason.trim()
  return new ErlangError('ERR_ERL_REMOTE', `${asked} failed: ${said}`, { reason })
}

function strange(answer: Term, asked: Asked): ErlangError {
  const shown = format(answer).slice(0, 200)
  return new ErlangError('ERR_ERL_PROTOCOL', `${asked} was answered with ${shown}`)
}
