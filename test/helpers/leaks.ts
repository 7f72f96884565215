import { execFile } from 'node:child_process'
import path from 'node:path'
import { promisify } from 'node:util'
import type { ErlNode } from './erl-node.js'

/** What a process holds after a round, as test/fixtures/leaks.mjs prints it. */
export interface Holding {
  /** Resident bytes. */
  readonly rss: number
  readonly descriptors: number
  readonly threads: number
}

/** How often a thing is done: `times` in each of `rounds`, the first half of them to warm up. */
export interface Effort {
  readonly rounds: number
  readonly times: number
}

/** V8's young generation, which grows by steps as it sees fit, has its size from the start. */
const flags = ['--expose-gc', '--min-semi-space-size=4', '--max-semi-space-size=4']

/** What Erlang has for the fixture: an echo, and somebody who connects to a node that has gone. */
const services = `
  -module(leak_services).
  -export([start/0]).
  start() ->
    register(echo, spawn(fun Echo() -> receive {From, Term} -> From ! Term, Echo() end end)),
    register(caller, spawn(fun Call() -> receive {From, Node} ->
      monitor_node(Node, true),
      From ! ready,
      receive {nodedown, Node} -> again(Node, 100) end,
      Call()
    end end)),
    ok.
  again(Node, 0) -> exit({not_connected, Node});
  again(Node, Times) ->
    case net_kernel:connect_node(Node) of
      true -> ok;
      false -> again(Node, Times - 1)
    end.
`

export async function startLeakServices(erl: ErlNode): Promise<void> {
  await erl.load(services)
  await erl.eval('leak_services:start()')
}

/** Runs the fixture; gives what it held after each round. */
export async function repeat(thing: string, effort: Effort, erl: ErlNode): Promise<Holding[]> {
  const fixture = path.join(__dirname, '../fixtures/leaks.mjs')
  const words = [...flags, fixture, thing, String(effort.rounds), String(effort.times)]
  const { stdout } = await promisify(execFile)(process.execPath, words, {
    env: {
      ...process.env,
      LEAKS_PEER: erl.name,
      LEAKS_COOKIE: erl.cookie,
      LEAKS_EPMD: String(erl.epmdPort),
    },
  })
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
}

/** The slope of a straight line through the values, by least squares, per step. */
export function slopeOf(values: readonly number[]): number {
  const middle = (values.length - 1) / 2
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const squares = values.reduce((sum, _, at) => sum + (at - middle) ** 2, 0)
  const products = values.reduce((sum, value, at) => sum + (at - middle) * (value - mean), 0)
  return products / squares
}
