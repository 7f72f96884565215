import { atom, type ErlangNode, format, type Pid, tuple } from 'beamlink'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ErlNode } from '../helpers/erl-node.js'
import { startBeside } from '../helpers/local-node.js'

let erl: ErlNode
let node: ErlangNode

const handler = `-module(news).
-behaviour(gen_event).
-export([init/1, handle_event/2, handle_call/2]).
init(Seen) -> {ok, Seen}.
handle_event({slow, Event}, Seen) -> timer:sleep(20), {ok, [Event | Seen]};
handle_event(Event, Seen) -> {ok, [Event | Seen]}.
handle_call(crash, _) -> exit(crashed);
handle_call(sleep, Seen) -> timer:sleep(100), {ok, ok, Seen};
handle_call(seen, Seen) -> {ok, lists:reverse(Seen), []}.`

beforeAll(async () => {
  erl = await ErlNode.start()
  node = await startBeside(erl)
  await erl.load(handler)
  await erl.eval(`{ok, _} = gen_event:start({local, paper}), gen_event:add_handler(paper, news, []),
    gen_event:add_handler(paper, {news, sports}, [])`)
})
afterAll(async () => {
  await node.stop()
  await erl.stop()
})

const paper = () => ({ name: 'paper', node: erl.name })

describe('a gen_event', () => {
  it('that is not there rejects with ERR_ERL_NOPROC', async () => {
    const to = { name: 'nobody', node: erl.name }
    const noproc = { code: 'ERR_ERL_NOPROC' }
    await expect(node.syncNotify(to, 1)).rejects.toMatchObject(noproc)
    await expect(node.callHandler(to, 'news', 1)).rejects.toMatchObject(noproc)
  })

  it('answers for a handler that it does not have as gen_event:call does', async () => {
    const answer = await node.callHandler(paper(), 'nobody', atom('seen'))
    expect(format(answer)).toBe(await erl.eval('gen_event:call(paper, nobody, seen)'))
    expect(format(answer)).toBe('{error,bad_module}')
  })

  it('that takes too long rejects with ERR_ERL_TIMEOUT', async () => {
    await expect(
      node.callHandler(paper(), 'news', atom('sleep'), { timeoutMs: 10 }),
    ).rejects.toMatchObject({ code: 'ERR_ERL_TIMEOUT' })
  })

  it('gets events, in order', async () => {
    await node.notify(paper(), tuple(atom('slow'), 1))
    await node.syncNotify(paper(), tuple(atom('slow'), 2))
    expect(await erl.eval('gen_event:call(paper, news, seen)')).toBe('[1,2]')
  })

  it('has each of its handlers answer, by name, by pid, by module and id', async () => {
    await node.syncNotify(paper(), 'goal')
    const pid = (await node.rpc(erl.name, 'erlang', 'whereis', [atom('paper')])) as Pid
    const sports = tuple(atom('news'), atom('sports'))
    expect(format(await node.callHandler(pid, 'news', atom('seen')))).toBe('[<<"goal">>]')
    expect(format(await node.callHandler(pid, sports, atom('seen')))).toBe('[1,2,<<"goal">>]')
  })

  it('says why a handler failed, and goes on without it', async () => {
    expect(format(await node.callHandler(paper(), 'news', atom('crash')))).toBe(
      "{error,{'EXIT',crashed}}",
    )
    expect(await erl.eval('gen_event:which_handlers(paper)')).toBe('[{news,sports}]')
  })
})
