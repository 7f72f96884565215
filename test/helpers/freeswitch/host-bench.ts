import type { ErlangNode, NodeOptions } from 'beamlink'
import { EventHost, type EventHostOptions } from 'beamlink/freeswitch'
import { ErlNode, type ErlOptions, type ErlSession } from '../erl-node.js'
import { startBeside } from '../local-node.js'

/** What every session gets: how to ask the host, and to have what came. */
const tools = (host: string): string => `
  -module(fs).
  -export([ask/1, ask/2, send/1, drain/0, drain/1, next/0, next/1, handler/0, handler/1, at/2, stop/1]).

  ask(Term) -> ask(foo, Term).
  ask(Name, Term) -> {Name, '${host}'} ! Term, next().
  send(Term) -> {foo, '${host}'} ! Term.

  next() -> next(3000).
  next(Time) -> receive Any -> Any after Time -> timeout end.

  drain() -> drain(300).
  drain(Time) -> receive Any -> [Any | drain(Time)] after Time -> [] end.

  %% A process that does what it is told, and hands over what it is sent besides.
  handler() -> handler(self()).
  handler(To) -> spawn(fun() -> loop(To) end).
  loop(To) ->
    receive
      {at, From, Ref, Fun} -> From ! {Ref, Fun()}, loop(To);
      {stop, Reason} -> exit(Reason);
      Any -> To ! {self(), Any}, loop(To)
    end.
  at(Pid, Fun) ->
    Ref = make_ref(), Pid ! {at, self(), Ref, Fun},
    receive {Ref, Value} -> Value after 5000 -> timeout end.
  stop(Pid) -> Monitor = monitor(process, Pid), Pid ! {stop, normal}, receive {'DOWN', Monitor, _, _, _} -> ok end.`

/** An event host with a real Erlang node beside it, whose sessions have the module \`fs\`. */
export class HostBench {
  readonly erl: ErlNode
  readonly node: ErlangNode
  readonly host: EventHost

  private constructor(erl: ErlNode, node: ErlangNode, host: EventHost) {
    this.erl = erl
    this.node = node
    this.host = host
  }

  static async start(
    hostOptions: EventHostOptions = {},
    nodeOptions: Partial<NodeOptions> = {},
  ): Promise<HostBench> {
    const erl = await ErlNode.start()
    const node = await startBeside(erl, nodeOptions)
    const host = new EventHost(node, hostOptions)
    await erl.load(tools(node.name))
    return new HostBench(erl, node, host)
  }

  /** One more Erlang node, with the same module. */
  async another(options: ErlOptions = {}): Promise<ErlNode> {
    const erl = await ErlNode.start({ epmdPort: this.erl.epmdPort, ...options })
    await erl.load(tools(this.node.name))
    return erl
  }

  session(): ErlSession {
    return this.erl.session()
  }

  async stop(): Promise<void> {
    await this.node.stop()
    await this.erl.stop()
  }
}
