import { isThenable } from '../../node/process/handler-process.js'

/** What an API command is told besides its arguments. */
export interface ApiContext {
  /** The node that asked; undefined for the program itself. */
  readonly peer: string | undefined
}

/**
 * One API command: gets the text after its name, gives its output. As FreeSWITCH has it, output that
 * begins with `-` (`-ERR …`, `-USAGE: …`) is an error.
 */
export type ApiFunction = (args: string, context: ApiContext) => string | Promise<string>

/** What came of running a command, as `{ok | error, Text}` tells it. */
export interface ApiOutcome {
  readonly output: string
  readonly isError: boolean
}

/** The API commands of the switch, by their names in lower case. */
export class ApiTable {
  readonly #commands = new Map<string, ApiFunction>()
  readonly #failed: (name: string, error: unknown) => void

  /** `failed` is told what a command throws: whoever ran it is not. */
  constructor(failed: (name: string, error: unknown) => void) {
    this.#failed = failed
  }

  add(name: string, run: ApiFunction): void {
    this.#commands.set(name.toLowerCase(), run)
  }

  /**
   * Runs a command: gives its outcome, at once where the command does. As in FreeSWITCH, one that
   * fails is not told apart from one that is not there.
   *
   * Source: mod_erlang_event, handle_msg.c, api_exec.
   */
  run(name: string, args: string, peer: string | undefined): ApiOutcome | Promise<ApiOutcome> {
    const command = this.#commands.get(name.toLowerCase())
    if (command === undefined) return missing(name)
    const failed = (error: unknown): ApiOutcome => {
      this.#failed(name, error)
      return missing(name)
    }
    try {
      const output: unknown = command(args, { peer })
      if (!isThenable(output)) return outcomeOf(name, output)
      return Promise.resolve(output)
        .then((late) => outcomeOf(name, late))
        .catch(failed)
    } catch (error) {
      return failed(error)
    }
  }
}

function outcomeOf(name: string, output: unknown): ApiOutcome {
  if (typeof output === 'string') return { output, isError: output.startsWith('-') }
  throw new TypeError(`the output of the API command ${name} must be a string`)
}

function missing(name: string): ApiOutcome {
  return { output: `${name}: Command not found!\n`, isError: true }
}
