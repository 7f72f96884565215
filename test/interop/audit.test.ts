import type { ErlangNode } from 'beamlink'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ErlNode } from '../helpers/erl-node.js'
import { startBeside } from '../helpers/local-node.js'

let erl: ErlNode
let node: ErlangNode
const ran: string[] = []

beforeAll(async () => {
  erl = await ErlNode.start()
  node = await startBeside(erl)
  node.expose('office', {
    'clerk/0': () => ran.push('clerk'),
    'close/0': () => ran.push('close'),
  })
  node.expose('office', { 'close/0': () => ran.push('close') }, { exposeTo: ['boss@*'] })
})
afterAll(async () => {
  await node.stop()
  await erl.stop()
})

/** Evaluates with `N` as the name of our node, and waits until that has dealt with it. */
async function ask(expressions: string): Promise<string> {
  return erl.eval(`N = '${node.name}', V = begin ${expressions} end, net_adm:ping(N), V`)
}

/** Every way in which an Erlang node runs a function of another: `F` is `office:close/0`. */
const ways: readonly (readonly [string, string])[] = [
  ['rpc:call', 'rpc:call(N, office, close, [])'],
  ['rpc:block_call', 'rpc:block_call(N, office, close, [])'],
  ['rpc:async_call', 'rpc:yield(rpc:async_call(N, office, close, []))'],
  ['rpc:multicall', 'rpc:multicall([N], office, close, [])'],
  ['rpc:cast', 'rpc:cast(N, office, close, [])'],
  ['rpc:eval_everywhere', 'rpc:eval_everywhere([N], office, close, [])'],
  ['erpc:call', 'catch erpc:call(N, office, close, [])'],
  ['erpc:cast', 'erpc:cast(N, office, close, [])'],
  ['erpc:multicast', 'erpc:multicast([N], office, close, [])'],
  ['erpc:send_request', 'catch erpc:receive_response(erpc:send_request(N, office, close, []))'],
  ['spawn/4', 'spawn(N, office, close, [])'],
  ['spawn_link/4', 'process_flag(trap_exit, true), spawn_link(N, office, close, [])'],
  ['spawn_monitor/4', 'spawn_monitor(N, office, close, [])'],
  ['spawn_opt/5', 'spawn_opt(N, office, close, [], [monitor])'],
  ['spawn_request/5', 'spawn_request(N, office, close, [], [])'],
  ['proc_lib:spawn', 'proc_lib:spawn(N, office, close, [])'],
  [
    'proc_lib:spawn_link',
    'process_flag(trap_exit, true), proc_lib:spawn_link(N, office, close, [])',
  ],
  ['a fun', 'spawn(N, fun() -> office:close() end)'],
  ['an exported fun', 'spawn(N, fun office:close/0)'],
  ['apply', 'rpc:call(N, erlang, apply, [office, close, []])'],
  ['apply of a fun', 'rpc:call(N, erlang, apply, [fun office:close/0, []])'],
  ['apply within apply', 'rpc:call(N, erlang, apply, [erlang, apply, [office, close, []]])'],
  ['rex as a C node', '{rex, N} ! {self(), {call, office, close, [], user}}'],
  [
    'rex as before OTP 23',
    'catch gen_server:call({rex, N}, {call, office, close, [], group_leader()})',
  ],
  ['rex by a cast', 'gen_server:cast({rex, N}, {cast, office, close, [], group_leader()})'],
  [
    'net_kernel, which spawned in old releases',
    'catch gen_server:call({net_kernel, N}, {spawn, office, close, []}, 200)',
  ],
  ['the code server', 'catch gen_server:call({code_server, N}, {load_file, office}, 200)'],
  ['init', '{init, N} ! {stop, reboot}'],
  ['beamlink:init', 'spawn(N, beamlink, init, [self(), office, close, []])'],
  ['replacing a state', 'catch sys:replace_state({rex, N}, fun office:close/1, 200)'],
]

describe('a function that is not exposed to a peer', () => {
  it.each(ways)('does not run by %s', async (_, expression) => {
    await ask(expression)
    expect(ran).toEqual([])
  })

  it('runs by those ways when it is', async () => {
    const runs = async (expression: string) => {
      await ask(expression.replaceAll('close', 'clerk'))
      return ran.splice(0).length
    }
    for (const [name, expression] of ways.slice(0, 17)) {
      expect([name, await runs(expression)]).toEqual([name, 1])
    }
  })
})

describe('what a node is to a peer', () => {
  it('is named by nothing but what it has registered', async () => {
    expect(await ask('lists:sort(rpc:call(N, erlang, registered, []))')).toBe('[net_kernel,rex]')
    for (const name of ['init', 'user', 'code_server', 'global_name_server', 'kernel_sup']) {
      expect(await ask(`rpc:call(N, erlang, whereis, [${name}])`)).toBe('undefined')
    }
  })

  it('has no processes of its own that a peer could suspend, trace, look into or end', async () => {
    for (const name of ['rex', 'net_kernel']) {
      for (const call of ['suspend', 'get_state', 'get_status', 'terminate']) {
        const args = call === 'terminate' ? `{${name}, N}, over, 100` : `{${name}, N}, 100`
        expect(await ask(`try sys:${call}(${args}) catch exit:_ -> refused end`)).toBe('refused')
      }
    }
    const pid = 'P = rpc:call(N, erlang, whereis, [rex])'
    expect(
      await ask(`${pid}, exit(P, kill), exit(P, over), rpc:call(N, erlang, is_process_alive, [P])`),
    ).toBe('true')
    expect(
      await ask(`${pid}, catch erlang:group_leader(self(), P), erlang:group_leader() =/= P`),
    ).toBe('true')
    expect(await ask('rpc:call(N, office, clerk, [])')).toBe('1')
    ran.length = 0
  })

  it('is not to be asked for its files, its cookie or its code', async () => {
    for (const call of [
      'file, read_file, ["/etc/passwd"]',
      'erlang, get_cookie, []',
      'init, get_arguments, []',
      'code, load_binary, [m, "m.erl", <<>>]',
      'erlang, halt, [0]',
      'os, getenv, []',
      'process, exit, []',
      'global, gc, []',
    ]) {
      expect(await ask(`rpc:call(N, ${call})`)).toContain('undef')
    }
  })
})
