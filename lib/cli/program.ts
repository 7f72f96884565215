import { readFileSync } from 'node:fs'
import path from 'node:path'
import type { Argv } from 'yargs'
import { packageRoot } from '../base/package-root.js'
import type { Arguments, Command, CommandContext } from './command.js'
import { callCommand } from './commands/call.js'
import { consoleCommand } from './commands/console.js'
import { epmdCommand } from './commands/epmd.js'
import { evalCommand } from './commands/eval.js'
import { listenCommand } from './commands/listen.js'
import { loadCommand } from './commands/load.js'
import { namesCommand } from './commands/names.js'
import { pingCommand } from './commands/ping.js'
import { sendCommand } from './commands/send.js'
import { shellCommand } from './commands/shell.js'
import { tasksCommand } from './commands/tasks.js'
import { traceCommand } from './commands/trace.js'
import { ExitCode, exitCodeOf } from './exit-code.js'
import { Output } from './output/output.js'
import { Progress } from './output/progress.js'
import { type GivenSettings, resolveSettings, type Settings } from './settings.js'
import { UsageError } from './usage-error.js'

const commands: readonly Command[] = [
  callCommand,
  sendCommand,
  pingCommand,
  namesCommand,
  listenCommand,
  evalCommand,
  shellCommand,
  loadCommand,
  traceCommand,
  tasksCommand,
  consoleCommand,
  epmdCommand,
]

/** What the program is given by its surroundings. */
export interface Surroundings {
  readonly stdin: NodeJS.ReadStream
  readonly stdout: NodeJS.WriteStream
  readonly stderr: NodeJS.WriteStream
  readonly env: NodeJS.ProcessEnv
  /** Aborted by signals. */
  readonly signal: AbortSignal
}

/** A command line that has been read. */
type Parsed =
  | { readonly kind: 'help'; readonly text: string }
  | { readonly kind: 'command'; readonly command: Command; readonly given: Arguments }

/** Runs a command line; gives the exit code. Whatever fails has been printed. */
export async function runCommandLine(
  words: readonly string[],
  surroundings: Surroundings,
): Promise<number> {
  // Until the options are read, errors are printed as they say.
  let settings: Pick<Settings, 'json' | 'charlists' | 'color' | 'verbose'> = {
    json: words.includes('--json'),
    charlists: false,
    color: words.includes('--no-color') ? false : undefined,
    verbose: words.includes('--verbose'),
  }
  try {
    const parsed = await parseWords(words)
    if (parsed.kind === 'help') {
      surroundings.stdout.write(`${parsed.text}\n`)
      return ExitCode.Ok
    }
    const resolved = resolveSettings(givenSettings(parsed.given), surroundings.env)
    settings = resolved
    // The library asks for it wherever it looks a peer up.
    if (resolved.epmdPort !== undefined) process.env.ERL_EPMD_PORT = String(resolved.epmdPort)
    return await parsed.command.run(parsed.given, contextOf(resolved, surroundings))
  } catch (error) {
    const { signal } = surroundings
    const shown = signal.aborted ? signal.reason : error
    if (!signal.aborted) new Output(surroundings, settings).failure(error)
    return exitCodeOf(shown)
  }
}

function contextOf(settings: Settings, surroundings: Surroundings): CommandContext {
  const output = new Output(surroundings, settings)
  return {
    ...surroundings,
    settings,
    output,
    during: async (what, work) => {
      const progress = new Progress(surroundings.stderr, what)
      try {
        return await work(progress)
      } finally {
        progress.stop()
      }
    },
  }
}

/** In front of words that the parser must not take for options. No word of a command line holds it. */
const shield = '\0'

/** Options are written with two dashes; `-`, `-1` and `-16#FF` are terms, as is all behind `--`. */
function shielded(words: readonly string[]): string[] {
  const end = words.indexOf('--')
  const before = end === -1 ? words : words.slice(0, end)
  const behind = end === -1 ? [] : words.slice(end + 1)
  const protect = (word: string): string => (/^-(?!-)/.test(word) ? shield + word : word)
  return [...before.map(protect), ...behind.map((word) => shield + word)]
}

function unshielded(given: Arguments): Arguments {
  const restored = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(restored)
    return typeof value === 'string' && value.startsWith(shield) ? value.slice(1) : value
  }
  return Object.fromEntries(Object.entries(given).map(([name, value]) => [name, restored(value)]))
}

async function parseWords(given: readonly string[]): Promise<Parsed> {
  const words = shielded(given)
  const { default: yargs } = await import('yargs')
  let chosen: Parsed | undefined
  let parser = withOptions(yargs([...words]))
  for (const command of commands) {
    const build = (inner: Argv) => command.build(inner).strict()
    parser = parser.command(command.usage, command.describe, build, (given) => {
      chosen = { kind: 'command', command, given: unshielded(given as Arguments) }
    })
  }
  let output = ''
  await new Promise<void>((resolve, reject) => {
    parser
      .parseAsync(
        [...words],
        {},
        (fault: Error | undefined | null, _given: unknown, text: string) => {
          output = text
          if (fault) reject(new UsageError(fault.message.replace(/\s*\n\s*/g, ' ')))
        },
      )
      .then(() => resolve(), reject)
  })
  if (output !== '') return { kind: 'help', text: output }
  if (chosen === undefined) throw new UsageError(`there is no command "${words[0]}"`)
  checkGivenOnce(chosen)
  return chosen
}

/** An option that takes a text, given twice, would be an array. */
function checkGivenOnce(parsed: Parsed): void {
  if (parsed.kind === 'help') return
  const { command, given } = parsed
  for (const [name, value] of Object.entries(given)) {
    if (name === '_' || !Array.isArray(value) || command.usage.includes(`[${name}..]`)) continue
    throw new UsageError(`--${name} was given more than once`)
  }
}

function withOptions(parser: Argv): Argv {
  return parser
    .scriptName('beamlink')
    .usage('$0 COMMAND\n\nTalks to Erlang and Elixir nodes from the command line.')
    .locale('en')
    .parserConfiguration({
      'parse-numbers': false,
      'parse-positional-numbers': false,
      'camel-case-expansion': false,
      'dot-notation': false,
    })
    .option('cookie', {
      type: 'string',
      describe: 'The shared secret; better BEAMLINK_COOKIE',
      requiresArg: true,
    })
    .option('cookie-file', {
      type: 'string',
      describe: '~/.erlang.cookie by default',
      requiresArg: true,
    })
    .option('name', {
      type: 'string',
      describe: 'The name of this node; a new one by default',
      requiresArg: true,
    })
    .option('timeout', {
      type: 'string',
      describe: 'How long to wait: 500ms, 5s (default), 2m, infinity',
      requiresArg: true,
    })
    .option('epmd-port', {
      type: 'string',
      describe: 'ERL_EPMD_PORT, else 4369, by default',
      requiresArg: true,
    })
    .option('tls', {
      type: 'boolean',
      describe: 'Distribution over TLS, as of -proto_dist inet_tls',
    })
    .option('tls-key', { type: 'string', describe: 'The private key, in PEM', requiresArg: true })
    .option('tls-cert', { type: 'string', describe: 'Its certificate', requiresArg: true })
    .option('tls-ca', {
      type: 'string',
      describe: 'The authority that peers are trusted by',
      requiresArg: true,
    })
    .option('tls-optfile', {
      type: 'string',
      describe: 'In place of these: a file as of -ssl_dist_optfile; or BEAMLINK_TLS_OPTFILE',
      requiresArg: true,
    })
    .option('tls-verify', {
      type: 'string',
      describe: 'none trusts every peer; peer by default',
      requiresArg: true,
    })
    .option('tls-check-name', {
      type: 'boolean',
      describe: "Whether a certificate must name its peer's host; --no-tls-check-name",
    })
    .option('tls-min-version', {
      type: 'string',
      describe: 'TLSv1.2 (default) or TLSv1.3',
      requiresArg: true,
    })
    .option('json', { type: 'boolean', describe: 'Print JSON in place of Erlang terms' })
    .option('charlists', {
      type: 'boolean',
      describe: 'In JSON, lists of printable characters are strings',
    })
    .option('color', { type: 'boolean', describe: 'Colours; --no-color for none' })
    .option('verbose', { type: 'boolean', describe: 'Print the stacks of errors' })
    .demandCommand(1, 'no command was given')
    .strictOptions()
    .recommendCommands()
    .version(ownVersion())
    .help()
    .epilogue(
      'Exit codes: 0 done, 1 failed at the peer, 2 wrong usage, 3 no connection, 4 timeout, 5 this machine.',
    )
    .exitProcess(false)
    .wrap(100)
}

function ownVersion(): string {
  const file = path.join(packageRoot, 'package.json')
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version
}

function givenSettings(given: Arguments): GivenSettings {
  const named = Object.entries(given).map(([name, value]) => [camelCase(name), value])
  return Object.fromEntries(named) as GivenSettings
}

function camelCase(name: string): string {
  return name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())
}
