import { ErlangError } from '../../errors.js'
import { isTagged, type Term } from '../../term/term.js'
import { readSentText } from '../protocol/text.js'
import type { Question, SwitchConnection } from './connection.js'
import type { RequestWait } from './options.js'
import { failed, readOkText, refusalOf } from './reply.js'

/** A command that runs in the background of the switch. */
export interface BackgroundJob {
  /** FreeSWITCH's own id of it: Job-UUID of the event BACKGROUND_JOB. */
  readonly id: string
  /**
   * What the command printed.
   *
   * Errors: ERR_ERL_REMOTE with the `reason`, what it printed, when it failed; ERR_ERL_TIMEOUT after
   *         `resultTimeoutMs`; `signal.reason`; ERR_ERL_NOCONNECTION when the connection is lost
   *         meanwhile: the job goes on, but its result goes nowhere.
   */
  readonly result: Promise<string>
}

/**
 * Reads the answers to `{bgapi, …}`: `{ok, Id}`, and `{bgok | bgerror, Id, Text}` after it, or before.
 */
export async function startJob(
  connection: SwitchConnection,
  message: Parameters<SwitchConnection['open']>[0],
  asked: string,
  wait: RequestWait,
  resultTimeoutMs: number,
): Promise<BackgroundJob> {
  const question = await connection.open(message, asked, wait)
  try {
    const first = await question.next()
    const early = isResult(first) ? first : undefined
    const id = readOkText(early === undefined ? first : await question.next(), asked)
    const result =
      early === undefined ? later(question, asked, resultTimeoutMs) : settle(early, asked)
    result.catch(() => undefined) // for those who do not want to know
    void result.finally(() => question.close()).catch(() => undefined)
    return { id, result }
  } catch (error) {
    question.close()
    throw error
  }
}

async function later(question: Question, asked: string, timeoutMs: number): Promise<string> {
  return settle(await question.next(timeoutMs, timeoutMs), asked)
}

function isResult(answer: Term): boolean {
  return isTagged(answer, 'bgok', 3) || isTagged(answer, 'bgerror', 3)
}

async function settle(answer: Term, asked: string): Promise<string> {
  if (isTagged(answer, 'bgok', 3)) return textOf(answer[2], asked)
  if (isTagged(answer, 'bgerror', 3)) throw failed(textOf(answer[2], asked), asked)
  throw refusalOf(answer, asked)
}

function textOf(term: Term, asked: string): string {
  const output = readSentText(term)
  if (output !== undefined) return output
  throw new ErlangError('ERR_ERL_PROTOCOL', `${asked} ended with what is no text`)
}
