import { atom, type ErlangNode, text, tuple } from 'beamlink'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ErlNode } from '../helpers/erl-node.js'
import { startBeside } from '../helpers/local-node.js'
import { until, withDeadline } from '../helpers/waiting.js'

let erl: ErlNode
let node: ErlangNode
beforeAll(async () => {
  erl = await ErlNode.start()
  node = await startBeside(erl)
})
afterAll(async () => {
  await node.stop()
  await erl.stop()
})

describe('calling a gen_server', () => {
  const server = `-module(stock).
-behaviour(gen_server).
-export([init/1, handle_call/3, handle_cast/2]).
init(State) -> {ok, State}.
handle_call(crash, _, _) -> exit(crashed);
handle_call(silence, _, S) -> {noreply, S};
handle_call({late, Ms}, From, S) ->
  spawn(fun() -> timer:sleep(Ms), gen_server:reply(From, late) end), {noreply, S};
handle_call(get, _, S) -> {reply, S, S}.
handle_cast({set, S}, _) -> observer ! S, {noreply, S}.`
  beforeAll(async () => {
    await erl.load(server)
    await erl.eval('{ok, _} = gen_server:start({local, stock}, stock, 7, [])')
  })
  const stock = () => ({ name: 'stock', node: erl.name })

  it('rejects with ERR_ERL_NOPROC when there is none', async () => {
    await expect(node.call({ name: 'nobody', node: erl.name }, 1)).rejects.toMatchObject({
      code: 'ERR_ERL_NOPROC',
    })
    await expect(node.call('nobody', 1)).rejects.toMatchObject({ code: 'ERR_ERL_NOPROC' })
  })

  it('rejects with ERR_ERL_TIMEOUT when it does not answer, and leaves no monitor', async () => {
    await expect(node.call(stock(), atom('silence'), { timeoutMs: 50 })).rejects.toMatchObject({
      code: 'ERR_ERL_TIMEOUT',
    })
    await node.call(stock(), atom('get'))
    // Comes back over the same channel behind the end of that call's monitor.
    await node.ping(erl.name)
    expect(await erl.eval('process_info(whereis(stock), monitored_by)')).toBe('{monitored_by,[]}')
    expect(node.stats().pendingCalls).toBe(0)
  })

  it('never sees an answer that comes too late', async () => {
    const dropped = until<[{ reason: string }]>(
      node,
      'drop',
      ({ reason }) => reason === 'unknownAlias',
    )
    const late = node.call(stock(), tuple(atom('late'), 80), { timeoutMs: 20 })
    await expect(late).rejects.toMatchObject({ code: 'ERR_ERL_TIMEOUT' })
    await dropped
  })

  it('rejects with the reason when the server ends during the call', async () => {
    await erl.eval('{ok, _} = gen_server:start({local, doomed}, stock, 7, [])')
    await expect(
      node.call({ name: 'doomed', node: erl.name }, atom('crash')),
    ).rejects.toMatchObject({
      code: 'ERR_ERL_REMOTE',
      remoteClass: 'exit',
      reason: atom('crashed'),
    })
  })

  it('rejects with ERR_ERL_NOCONNECTION when the node of the server goes down', async () => {
    const other = await ErlNode.start({ epmdPort: erl.epmdPort })
    await other.load(server)
    await other.eval('{ok, _} = gen_server:start({local, stock}, stock, 7, [])')
    const to = { name: 'stock', node: other.name }
    await node.call(to, atom('get'))
    const call = expect(node.call(to, atom('silence'))).rejects.toMatchObject({
      code: 'ERR_ERL_NOCONNECTION',
    })
    other.signal('SIGKILL')
    await withDeadline(call, 'the call to fail')
    await other.stop()
  })

  it('refuses an alias', async () => {
    const alias = await node.rpc(erl.name, 'erlang', 'make_ref')
    await expect(node.call(alias as never, 1)).rejects.toBeInstanceOf(TypeError)
  })

  it('gives the reply, by name and by pid', async () => {
    expect(await node.call(stock(), atom('get'))).toBe(7)
    const pid = await node.rpc(erl.name, 'erlang', 'whereis', [atom('stock')])
    expect(await node.call(pid as never, atom('get'))).toBe(7)
  })

  it('casts', async () => {
    await node.cast(stock(), tuple(atom('set'), 'new'))
    expect(await erl.observed.next()).toBe('<<"new">>')
    expect(text(await node.call(stock(), atom('get')))).toBe('new')
  })
})
