import { ErlangError, type ErlangErrorCode, errorTable, isTagged, type Term } from '../index.js'
import { UsageError } from './usage-error.js'

/** Where the command line has another word for it than the table, which speaks of options of calls. */
const ownAdvice: Partial<Record<ErlangErrorCode, string>> = {
  ERR_ERL_TIMEOUT: 'Give it more time (--timeout 30s), or find out why the peer is slow.',
  ERR_ERL_AUTH:
    'Give the cookie of the peer, which erlang:get_cookie() tells there: --cookie, --cookie-file or BEAMLINK_COOKIE.',
  ERR_ERL_NODE_NOT_FOUND: 'Start the peer, or compare the name with what beamlink names prints.',
  ERR_ERL_NO_EPMD:
    'Start a node or epmd there, or give the port of its epmd: --epmd-port or ERL_EPMD_PORT.',
  ERR_ERL_NAME_IN_USE: 'Give another --name, or none.',
}

/** What went wrong in one sentence, and what the person can do about it. */
export interface Explanation {
  readonly code: string | undefined
  readonly message: string
  /** Empty when there is nothing to add. */
  readonly whatToDo: string
}

export function explain(error: unknown): Explanation {
  const message = oneLine(error instanceof Error ? error.message : String(error))
  if (ErlangError.is(error)) {
    const { code, reason } = error
    if (code === 'ERR_ERL_REMOTE') return { code, message, whatToDo: remoteAdvice(reason) }
    return { code, ...advised(message, ownAdvice[code], errorTable[code].whatToDo) }
  }
  const whatToDo = error instanceof UsageError ? error.whatToDo : ''
  return { code: undefined, message, whatToDo }
}

/** The reason says it all, but for one that those who are new to Erlang do not know. */
function remoteAdvice(reason: unknown): string {
  const isUndefined = String(reason) === 'undef' || isTagged(reason as Term, 'undef')
  return isUndefined ? 'The peer has no such function with so many arguments.' : ''
}

/** What speaks of options of a call, which the command line has others for. */
const forPrograms = /\boptions? |\{ host, port \}|is it running/

/**
 * Messages of the library say behind a semicolon what can be done about it, and some end in the advice
 * of the table. It is told once, in the words of the command line.
 */
function advised(message: string, own: string | undefined, general: string) {
  const bare = message.endsWith(general) ? message.slice(0, -general.length).trimEnd() : message
  const [fact = '', advice] = bare.split(/; (.*)/s)
  const isForPeople = advice !== undefined && !forPrograms.test(advice)
  return isForPeople
    ? { message: bare, whatToDo: '' }
    : { message: fact.replace(/\.$/, ''), whatToDo: own ?? general }
}

function oneLine(text: string): string {
  return text.replace(/\s*\n\s*/g, ' ')
}
