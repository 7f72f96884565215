import { atom, ErlangError, type ErlangNode, type ServerProcess, type TermInput } from 'beamlink'
import { ErlNode } from './erl-node.js'
import { startBeside } from './local-node.js'

/** An Erlang node beside one of ours, whose servers last for one test. */
export class Served {
  readonly erl: ErlNode
  readonly node: ErlangNode
  readonly #servers: ServerProcess[] = []

  private constructor(erl: ErlNode, node: ErlangNode) {
    this.erl = erl
    this.node = node
  }

  static async start(): Promise<Served> {
    const erl = await ErlNode.start()
    return new Served(erl, await startBeside(erl))
  }

  async stop(): Promise<void> {
    await this.node.stop()
    await this.erl.stop()
  }

  /** Serves until `endServers`. */
  serve(...args: Parameters<ErlangNode['serve']>): ServerProcess {
    const server = this.node.serve(...args)
    this.#servers.push(server)
    return server
  }

  endServers(): void {
    for (const server of this.#servers.splice(0)) server.end(atom('killed'))
  }

  /** Evaluates in Erlang, with `S` as the server `counter` of our node. */
  ask(expressions: string): Promise<string> {
    return this.erl.eval(`S = {counter, '${this.node.name}'}, ${expressions}`)
  }

  /** The reason with which a `gen_server:call` of `counter` makes its caller exit. */
  reasonOfCall(request: string): Promise<string> {
    const call = `gen_server:call(S, ${request})`
    return this.ask(`try ${call} catch exit:{R, {gen_server, call, [S, _]}} -> R end`)
  }

  /** An expression for the pid of a name of our node. */
  pidOf(name: string): string {
    return `rpc:call('${this.node.name}', erlang, whereis, [${name}])`
  }
}

/** What a callback throws that calls `exit/1`, so to say. */
export function exit(reason: TermInput): ErlangError {
  return new ErlangError('ERR_ERL_REMOTE', 'on purpose', { reason, remoteClass: 'exit' })
}

/** The reason of a callback of `counter` that throws an error. */
export function jsError(name: string, message: string, callback: string): string {
  return `{{js_error,<<"${name}">>,<<"${message}">>},[{counter,${callback},[]}]}`
}
