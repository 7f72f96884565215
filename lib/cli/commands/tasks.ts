import {
  atom,
  ErlangError,
  type ErlangNode,
  format,
  isBinary,
  isList,
  isTagged,
  isTermMap,
  isTuple,
  type Term,
  type TermMap,
} from '../../index.js'
import { type Command, type CommandContext, optionalText, text } from '../command.js'
import { ExitCode } from '../exit-code.js'
import { table } from '../output/table.js'
import { type Session, withPeer } from '../session.js'
import { UsageError } from '../usage-error.js'

/** What a node with background tasks has, and running one of them. */
export const tasksCommand: Command = {
  usage: 'tasks <node> [action] [task] [data]',
  describe: 'List background tasks, or run one: tasks NODE run NAME [DATA]',
  build: (parser) =>
    parser
      .positional('node', { type: 'string', describe: 'The node that has them' })
      .positional('action', { type: 'string', describe: 'list (by default) or run' })
      .positional('task', { type: 'string', describe: 'Which task to run' })
      .positional('data', { type: 'string', describe: 'A string for the task' }),
  async run(given, context) {
    const action = optionalText(given, 'action') ?? 'list'
    const name = optionalText(given, 'task')
    checkAction(action, name)
    await withPeer(text(given, 'node'), context.settings, (session) =>
      name === undefined
        ? list(session, context)
        : runTask(session, name, optionalText(given, 'data') ?? '', context),
    )
    return ExitCode.Ok
  },
}

function checkAction(action: string, name: string | undefined): void {
  if (action !== 'list' && action !== 'run') {
    throw new UsageError(`the action of tasks must be list or run, got "${action}"`)
  }
  if (action === 'run' && name === undefined) {
    throw new UsageError('tasks NODE run needs the name of a task')
  }
  if (action === 'list' && name !== undefined) {
    throw new UsageError('tasks NODE list takes no more arguments')
  }
}

async function list({ node, peer }: Session, context: CommandContext): Promise<void> {
  const { output } = context
  const tasks = await evrexec(node, peer, 'list', [], context)
  const rows = isList(tasks) ? tasks.filter(isTermMap) : []
  if (output.isJson || rows.length === 0 || !isList(tasks) || rows.length < tasks.length) {
    output.term(tasks)
    return
  }
  const lines = rows.map((task) => columns.map(([, key]) => cell(task, key)))
  for (const line of table([columns.map(([title]) => title), ...lines])) output.line(line)
}

const columns = [
  ['NAME', 'name'],
  ['STATE', 'state'],
  ['WORKERS', 'workers'],
  ['RUNS', 'runs'],
  ['FAILURES', 'failures'],
  ['RESTARTS', 'restarts'],
  ['QUEUED', 'queued'],
  ['LAST ERROR', 'last_error'],
] as const

function cell(task: TermMap, key: string): string {
  const value = task.get(atom(key))
  if (value === undefined) return ''
  if (isList(value)) return String(value.length)
  const shown = isBinary(value) ? Buffer.from(value).toString() : format(value)
  return shown === 'undefined' ? '' : shown
}

async function runTask(
  { node, peer }: Session,
  name: string,
  data: string,
  context: CommandContext,
): Promise<void> {
  const answer = await evrexec(node, peer, 'run', [name, data], context)
  const fault = faultOf(answer)
  if (fault !== undefined) {
    throw new ErlangError('ERR_ERL_REMOTE', `task ${name} at ${peer}: ${fault}`, { reason: answer })
  }
  context.output.term(answer)
}

/** The text of `{[{code, 500}, {<<"error">>, Text}]}`, which is how an RPC of Kamailio fails. */
function faultOf(answer: Term): string | undefined {
  if (!isTuple(answer) || answer.length !== 1) return undefined
  const [fields] = answer
  if (
    fields === undefined ||
    !isList(fields) ||
    !fields.some((field) => isTagged(field, 'code', 2))
  )
    return undefined
  const texts = fields.flatMap((field) => (isTuple(field) && isBinary(field[1]) ? [field[1]] : []))
  return texts.map((bytes) => Buffer.from(bytes).toString()).join(', ')
}

async function evrexec(
  node: ErlangNode,
  peer: string,
  name: string,
  args: readonly string[],
  { settings, signal, during }: CommandContext,
): Promise<Term> {
  const { timeoutMs } = settings
  try {
    return await during(`waiting for ${peer}`, () =>
      node.rpc(peer, 'evrexec', name, args, { timeoutMs, signal }),
    )
  } catch (error) {
    if (!ErlangError.is(error) || !isUndefined(error.reason)) throw error
    const message = `${peer} has no background tasks: it knows no evrexec:${name}/${args.length}`
    throw new ErlangError('ERR_ERL_REMOTE', message, { cause: error, reason: error.reason })
  }
}

function isUndefined(reason: unknown): boolean {
  return String(reason) === 'undef' || isTagged(reason as Term, 'undef')
}
