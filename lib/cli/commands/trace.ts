import { format, isTuple, type Term } from '../../index.js'
import { type Command, type CommandContext, flag, optionalText, text } from '../command.js'
import { readDuration } from '../duration.js'
import { ExitCode } from '../exit-code.js'
import { withPeer } from '../session.js'
import { readCount } from '../settings.js'
import { type TraceEvent, type TraceRequest, trace, type WhyEnded } from '../trace/tracer.js'
import { UsageError } from '../usage-error.js'
import { moduleName } from './call.js'

const defaultCalls = '100'
const defaultFor = '30s'

/** Shows the calls of a function at a node: so many, for so long. */
export const traceCommand: Command = {
  usage: 'trace <node> <module> [function]',
  describe: 'Show calls of a function at a node while they happen',
  build: (parser) =>
    parser
      .option('returns', { type: 'boolean', describe: 'Show what the calls return or raise, too' })
      .option('limit', {
        type: 'string',
        describe: 'End after so many calls',
        default: defaultCalls,
      })
      .option('for', { type: 'string', describe: 'End after this time', default: defaultFor })
      .positional('node', { type: 'string', describe: 'Its name: shop@127.0.0.1, or shop here' })
      .positional('module', { type: 'string', describe: 'Without quotes' })
      .positional('function', { type: 'string', describe: 'name or name/arity; all by default' }),
  async run(given, context) {
    const request: TraceRequest = {
      module: moduleName(text(given, 'module')),
      ...readFunction(optionalText(given, 'function')),
      returns: flag(given, 'returns'),
      mostCalls: readCount('--limit', text(given, 'limit'), 1_000_000),
      forMs: readFor(text(given, 'for')),
    }
    const { settings, signal, output } = context
    const why = await withPeer(text(given, 'node'), settings, ({ node, peer }) =>
      trace(node, peer, request, { timeoutMs: settings.timeoutMs, signal }, (event) =>
        print(event, context, request),
      ),
    )
    output.note(endings[why])
    return ExitCode.Ok
  },
}

const endings: Readonly<Record<WhyEnded, string>> = {
  limit: 'so many calls were asked for (--limit)',
  expired: 'the time is over (--for)',
  overload: 'stopped: more calls than can be shown; trace something narrower',
  stopped: 'stopped',
  no_function: '',
}

const longestTimer = 2 ** 32 - 1

function readFor(written: string): number {
  const forMs = readDuration('--for', written)
  if (forMs > 0 && forMs <= longestTimer) return forMs
  throw new UsageError(`--for must be a time from 1ms to 1000h, got "${written}"`)
}

function readFunction(written: string | undefined): Pick<TraceRequest, 'function' | 'arity'> {
  if (written === undefined) return { function: undefined, arity: undefined }
  const [, name = '', arity] = /^(.+?)(?:\/(\d{1,3}))?$/.exec(written) ?? []
  return { function: name, arity: arity === undefined ? undefined : Number(arity) }
}

function print(event: TraceEvent, { output }: CommandContext, request: TraceRequest): void {
  if (event.kind === 'started') {
    output.note(
      `tracing ${format(event.functions)} function(s) of ${request.module}; Ctrl-C ends it`,
    )
    return
  }
  if (output.isJson) output.line(jsonLine(event, output))
  else output.line(`${clock(event.at)} ${format(event.pid)} ${described(event, output)}`)
}

type Seen = Exclude<TraceEvent, { kind: 'started' }>

function described(event: Seen, output: CommandContext['output']): string {
  if (event.kind === 'call') {
    const { module, function: name, args } = event
    return `${format(module)}:${format(name)}(${args.map((arg) => output.flatText(arg)).join(',')})`
  }
  const mark = event.kind === 'return' ? '->' : 'raised'
  return `${mfaText(event.mfa)} ${mark} ${output.flatText(event.value)}`
}

function mfaText(mfa: Term): string {
  const [module, name, arity] = isTuple(mfa) ? [...mfa].map((each) => format(each as Term)) : []
  return `${module}:${name}/${arity}`
}

function jsonLine(event: Seen, output: CommandContext['output']): string {
  const head = `"kind":"${event.kind}","at":"${event.at.toISOString()}","pid":${output.json(event.pid)}`
  if (event.kind === 'call') {
    const args = event.args.map((arg) => output.json(arg)).join(',')
    const { module, function: name } = event
    return `{${head},"module":${output.json(module)},"function":${output.json(name)},"args":[${args}]}`
  }
  return `{${head},"function":${JSON.stringify(mfaText(event.mfa))},"value":${output.json(event.value)}}`
}

function clock(at: Date): string {
  return at.toISOString().slice(11, 23)
}
