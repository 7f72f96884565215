import { atom, type ErlangNode } from 'beamlink'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ErlNode } from '../helpers/erl-node.js'
import { startBeside } from '../helpers/local-node.js'

let erl: ErlNode
let node: ErlangNode

const door = `-module(door).
-behaviour(gen_statem).
-export([init/1, callback_mode/0, locked/3, open/3]).
callback_mode() -> state_functions.
init(_) -> {ok, locked, 0}.
locked(cast, unlock, N) -> {next_state, open, N};
locked({call, _}, enter, _) -> {keep_state_and_data, [postpone]};
locked({call, From}, where, _) -> {keep_state_and_data, [{reply, From, locked}]};
locked({call, _}, crash, _) -> exit(crashed).
open({call, From}, enter, N) -> {next_state, locked, N + 1, [{reply, From, N + 1}]};
open({call, From}, where, _) -> {keep_state_and_data, [{reply, From, open}]}.`

beforeAll(async () => {
  erl = await ErlNode.start()
  node = await startBeside(erl)
  // Else a call of 20 ms could be over before it is sent.
  await node.connect(erl.name)
  await erl.load(door)
  await erl.eval('{ok, _} = gen_statem:start({local, door}, door, [], [])')
})
afterAll(async () => {
  await node.stop()
  await erl.stop()
})

const to = () => ({ name: 'door', node: erl.name })

describe('a gen_statem', () => {
  it('that does not answer in this state rejects with ERR_ERL_TIMEOUT', async () => {
    await expect(node.call(to(), atom('enter'), { timeoutMs: 20 })).rejects.toMatchObject({
      code: 'ERR_ERL_TIMEOUT',
    })
  })

  it('answers calls, and postponed ones when a cast has changed its state', async () => {
    expect(await node.call(to(), atom('where'))).toBe(atom('locked'))
    const entered = [node.call(to(), atom('enter')), node.call(to(), atom('enter'))]
    await node.cast(to(), atom('unlock'))
    // The one that was given up was postponed first, and went through the door.
    await node.cast(to(), atom('unlock'))
    await node.cast(to(), atom('unlock'))
    expect(await Promise.all(entered)).toEqual([2, 3])
  })

  it('that ends before it answers rejects with its reason', async () => {
    await expect(node.call(to(), atom('crash'))).rejects.toMatchObject({
      code: 'ERR_ERL_REMOTE',
      reason: atom('crashed'),
    })
    await expect(node.call(to(), atom('where'))).rejects.toMatchObject({ code: 'ERR_ERL_NOPROC' })
  })
})
