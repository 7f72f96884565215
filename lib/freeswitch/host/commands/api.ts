import { randomUUID } from 'node:crypto'
import { atomName } from '../../../node/atom-name.js'
import { atom } from '../../../term/atom.js'
import type { TermInput } from '../../../term/term.js'
import { tuple } from '../../../term/tuple.js'
import { isLatin1, readText, type TextEncoding, writeText } from '../../protocol/text.js'
import type { ApiOutcome } from '../api-table.js'
import { jobOrigin } from '../events/sources.js'
import { badarg, type CommandTable, type Request } from './command.js'

interface Asked {
  readonly command: string
  readonly args: string
}

/** `{api, Command, Arguments}` and `{bgapi, Command, Arguments}`. */
export const apiTuples: CommandTable = {
  api: (request) => {
    const asked = readApi(request)
    if (asked === undefined) return badarg
    const { host, listener } = request
    const { encoding } = host.options
    const outcome = host.runApi(asked.command, asked.args, listener.peer)
    return outcome instanceof Promise
      ? outcome.then((late) => answerOf(late, encoding))
      : answerOf(outcome, encoding)
  },

  bgapi: (request) => {
    const asked = readApi(request)
    if (asked === undefined) return badarg
    const job = randomUUID()
    // In a later turn, so that the id of the job comes before what became of it.
    setImmediate(() => void runJob(request, job, asked))
    return tuple(atom('ok'), writeText(job, request.host.options.encoding))
  },
}

function answerOf({ output, isError }: ApiOutcome, encoding: TextEncoding): TermInput {
  if (output === '') return tuple(atom('error'), writeText('Command returned no output!', encoding))
  return tuple(atom(isError ? 'error' : 'ok'), writeText(output, encoding))
}

/** The outcome goes to who asked, as `{bgok | bgerror, Job, Text}`, and to all as an event. */
async function runJob({ host, listener, from }: Request, job: string, asked: Asked): Promise<void> {
  const outcome = await host.runApi(asked.command, asked.args, listener.peer)
  const { encoding } = host.options
  if (!listener.isClosed) {
    const tag = atom(outcome.isError ? 'bgerror' : 'bgok')
    const text = writeText(outcome.output, encoding)
    void host.process.send(from, tuple(tag, writeText(job, encoding), text))
  }
  if (host.isOpen) fireJobDone(host, job, asked, outcome)
}

function fireJobDone(
  host: Request['host'],
  job: string,
  { command, args }: Asked,
  { output, isError }: ApiOutcome,
): void {
  host.fire(
    'BACKGROUND_JOB',
    [
      ['Job-UUID', job],
      ['Job-Command', command],
      ...(args === '' ? [] : [['Job-Command-Arg', args] as const]),
      ['Job-Successful', String(!isError)],
    ],
    jobOrigin,
    output,
  )
}

/** Undefined for what is no atom with text, and for an atom that FreeSWITCH cannot read. */
function readApi({ args }: Request): Asked | undefined {
  const command = atomName(args[0])
  const text = readText(args[1])
  if (command === undefined || text === undefined || !isLatin1(command)) return undefined
  return { command, args: text }
}
