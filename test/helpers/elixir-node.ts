import { execFileSync } from 'node:child_process'
import { readdirSync, realpathSync } from 'node:fs'
import path from 'node:path'
import { ErlNode } from './erl-node.js'

/** The `ebin` folders of the installed Elixir, as its own start script finds them. */
function libraries(): string[] {
  const program = execFileSync('sh', ['-c', 'command -v elixir'], { encoding: 'utf8' }).trim()
  const lib = path.resolve(path.dirname(realpathSync(program)), '../lib')
  return readdirSync(lib).map((application) => path.join(lib, application, 'ebin'))
}

/** A real Elixir node: what `elixir --name` starts, with the control pipe of `ErlNode`. */
export class ElixirNode {
  readonly erl: ErlNode

  private constructor(erl: ErlNode) {
    this.erl = erl
  }

  /**
   * On the Erlang of this machine, which its Elixir was made for, or on the program that
   * `BEAMLINK_ELIXIR` names: an `erl` that knows where its Elixir is (`scripts/otp.sh 29 elixir`).
   */
  static async start(): Promise<ElixirNode> {
    const { BEAMLINK_ELIXIR: program } = process.env
    const erl = await ErlNode.start(
      program ? { program } : { program: 'erl', args: ['-pa', ...libraries()] },
    )
    try {
      await erl.eval('{ok, _} = application:ensure_all_started(logger)')
      await erl.eval("'Elixir.Logger':configure([{level, none}])")
    } catch (error) {
      await erl.stop()
      throw error
    }
    return new ElixirNode(erl)
  }

  get name(): string {
    return this.erl.name
  }

  /** Evaluates Elixir in a fresh process; the value as `inspect/1` shows it. */
  async eval(code: string, timeoutMs?: number): Promise<string> {
    const source = `<<"${Buffer.from(code).toString('base64')}">>`
    const shown = await this.erl.evalBytes(
      `{Value, _} = 'Elixir.Code':eval_string(base64:decode(${source})), 'Elixir.Kernel':inspect(Value)`,
      timeoutMs,
    )
    // term_to_binary/1 of a binary: 131, 109, four bytes of length, the bytes.
    return shown.subarray(6).toString()
  }

  stop(): Promise<void> {
    return this.erl.stop()
  }
}
