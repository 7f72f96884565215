import type { Argv } from 'yargs'
import { Pid, type TermInput } from '../../index.js'
import { readTerm, type TermFlags, termSyntax } from '../arguments.js'
import { type Arguments, type CommandContext, flag, readAll } from '../command.js'
import type { Session } from '../session.js'
import { UsageError } from '../usage-error.js'

/** The options of commands that take terms. */
export function termOptions(parser: Argv): Argv {
  return parser
    .option('json-args', { type: 'boolean', describe: 'Terms are JSON, all of them' })
    .option('elixir', { type: 'boolean', describe: 'Terms are written as in Elixir' })
}

/** A pid, port or reference as its own node prints it. */
const ofOwnNode = /<\d+(?:\.\d+){1,5}>/

/** The terms of a command line, before the peer is known to be there. */
export class WrittenTerms {
  readonly #texts: readonly string[]
  readonly #flags: TermFlags
  readonly #peer: string

  private constructor(texts: readonly string[], flags: TermFlags, peer: string) {
    this.#texts = texts
    this.#flags = flags
    this.#peer = peer
    this.#read(0)
  }

  /**
   * Reads terms; `-` is the one that standard input holds.
   *
   * Errors: UsageError for what is none.
   */
  static async read(
    texts: readonly string[],
    given: Arguments,
    peer: string,
    { stdin }: CommandContext,
  ): Promise<WrittenTerms> {
    if (texts.filter((text) => text === '-').length > 1) {
      throw new UsageError('only one term can come from standard input (-)')
    }
    const whole: string[] = []
    for (const text of texts) whole.push(text === '-' ? (await readAll(stdin)).trim() : text)
    const flags = { jsonArgs: flag(given, 'json-args'), elixir: flag(given, 'elixir') }
    return new WrittenTerms(whole, flags, peer)
  }

  /** The terms. What text does not show of pids, the life of their node, the peer is asked for. */
  async at({ node, peer }: Session, context: CommandContext): Promise<TermInput[]> {
    if (!this.#texts.some((text) => ofOwnNode.test(text))) return this.#read(0)
    const { settings, signal } = context
    const self = await node.rpc(peer, 'erlang', 'self', [], {
      timeoutMs: settings.timeoutMs,
      signal,
    })
    return this.#read(Pid.is(self) ? self.creation : 0)
  }

  #read(creation: number): TermInput[] {
    const syntax = termSyntax(this.#flags, this.#peer, creation)
    return this.#texts.map((text) => readTerm(text, syntax))
  }
}
