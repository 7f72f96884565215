import type { Argv } from 'yargs'
import type { Output } from './output/output.js'
import type { Progress } from './output/progress.js'
import type { Settings } from './settings.js'

/** What a command works with. */
export interface CommandContext {
  readonly settings: Settings
  readonly output: Output
  /** Aborted by Ctrl-C and SIGTERM, with an `Interrupted` as its reason. */
  readonly signal: AbortSignal
  readonly stdin: NodeJS.ReadStream
  readonly stdout: NodeJS.WriteStream
  readonly env: NodeJS.ProcessEnv
  /** Shown while `work` lasts, to a person at a terminal. */
  during<Result>(what: string, work: (progress: Progress) => Promise<Result>): Promise<Result>
}

/** Positional arguments and options, as the parser gives them. */
export type Arguments = Readonly<Record<string, unknown>>

export interface Command {
  /** `call <node> <module> <function> [args..]` */
  readonly usage: string
  readonly describe: string
  /** The positional arguments and options that it has. */
  build(parser: Argv): Argv
  /** Gives the exit code. What it throws is printed and told by the exit code. */
  run(given: Arguments, context: CommandContext): Promise<number>
}

export function text(given: Arguments, name: string): string {
  const value = given[name]
  return typeof value === 'string' ? value : ''
}

export function optionalText(given: Arguments, name: string): string | undefined {
  const value = given[name]
  return typeof value === 'string' ? value : undefined
}

export function texts(given: Arguments, name: string): string[] {
  const value = given[name]
  return Array.isArray(value) ? value.map(String) : []
}

export function flag(given: Arguments, name: string): boolean {
  return given[name] === true
}

/** Resolves when the person ends the command, which is what it waited for. */
export function untilEnded(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    // Of what is waited for nothing need keep the process alive.
    const alive = setInterval(() => undefined, 1_000_000)
    const end = (): void => {
      clearInterval(alive)
      resolve()
    }
    if (signal.aborted) end()
    else signal.addEventListener('abort', end, { once: true })
  })
}

/** All of standard input as text. */
export async function readAll(stdin: NodeJS.ReadStream): Promise<string> {
  return (await readAllBytes(stdin)).toString()
}

export async function readAllBytes(stdin: NodeJS.ReadStream): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of stdin) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks)
}
