import { atom, ErlangNode, Pid } from 'beamlink'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { ErlNode, testCookie } from '../helpers/erl-node.js'
import { uniqueName } from '../helpers/names.js'
import {
  type ObservedTasks,
  observedTasks,
  onDemand,
  stopAllTasks,
  until,
} from '../helpers/tasks.js'

const echoServer = `
  -module(echo_server).
  -export([start/0]).
  start() -> register(echo_server, spawn(fun loop/0)).
  loop() -> receive {'$gen_call', From, Request} -> gen:reply(From, {echoed, Request}) end, loop().`

describe('the node inside a task', () => {
  let erl: ErlNode
  let node: ErlangNode
  let observed: ObservedTasks

  beforeAll(async () => {
    erl = await ErlNode.start()
    await erl.load(echoServer)
    await erl.eval('echo_server:start()')
    const epmd = { host: '127.0.0.1', port: erl.epmdPort }
    node = await ErlangNode.start({ name: uniqueName('tasks'), cookie: testCookie, epmd })
  })
  afterEach(stopAllTasks)
  afterAll(async () => {
    await node.stop()
    await erl.stop()
  })

  const start = async (name: string, fields: Parameters<ObservedTasks['define']>[1] = {}) => {
    // A node has one `evrexec`.
    await stopAllTasks()
    observed = observedTasks({ node, script: './node-jobs.mjs' })
    await observed.define(name, fields).tasks.start()
  }
  const run = async (name: string) => {
    await start(name, onDemand)
    return observed.tasks.run(name, erl.name, { result: true })
  }

  it('rejects with what Erlang answered, as the node of the main thread does', async () => {
    await expect(run('rpcFails')).rejects.toMatchObject({
      code: 'ERR_ERL_REMOTE',
      cause: { code: 'ERR_ERL_REMOTE', remoteClass: 'error' },
    })
  })

  it('gives up a call that takes too long, and one that is aborted', async () => {
    expect(await run('times')).toBe('ERR_ERL_TIMEOUT')
    expect(await run('rpcAborts')).toBe('TimeoutError')
  })

  it('sends messages, with terms of every kind', async () => {
    await run('sends')
    expect(await erl.observed.next()).toBe('{hello,#{<<"a">> => [1.5,2]}}')
  })

  it('calls gen_servers and functions', async () => {
    expect(await run('calls')).toMatchObject({ elements: [{ name: 'echoed' }, { length: 2 }] })
    expect(await run('rpcs')).toEqual([1, 2, 3])
  })

  it('registers names that lead to the worker, until the task ends', async () => {
    await start('answers', { workers: 2 })
    await observed.lines.next()
    await observed.lines.next()
    expect(
      await erl.eval(`
        {answers1, '${node.name}'} ! {self(), <<"what">>},
        receive {answered, What, Node} -> {What, Node =:= atom_to_binary(node())} end`),
    ).toBe('{<<"what">>,true}')
    expect(node.registered).toContain('answers0')
    await observed.tasks.stop()
    expect(node.registered.filter((name) => name.startsWith('answers'))).toEqual([])
  })

  it('ends a worker whose handler throws, as any exception that nobody catches', async () => {
    await start('handlerThrows')
    await observed.lines.next()
    await erl.eval(`{handler_throws, '${node.name}'} ! hello`)
    expect(await observed.failures.next()).toBe('handlerThrows: in the handler')
  })

  it('has a pid that gets messages', async () => {
    await start('receives')
    await observed.lines.next()
    expect(
      await erl.eval(`
        Pid = rpc:call('${node.name}', evrexec, pid, ["receives"]),
        Pid ! {self(), hello},
        receive Answer -> Answer end`),
    ).toBe('{got,hello}')
  })

  it('loses no message when receiving is aborted while one is on its way', async () => {
    expect(await run('abortsReceiving')).toEqual(['early', 'next', 'aborted', 'late'])
  })

  it('tells Erlang how a task ended that it monitors', async () => {
    const pid = (name: string) => `rpc:call('${node.name}', evrexec, pid, ["${name}"])`
    const down = `
      Ref = monitor(process, Pid), observer ! watching,
      receive {'DOWN', Ref, process, Pid, Reason} -> Reason end`
    await start('loop')
    const stopped = erl.eval(`Pid = ${pid('loop')}, ${down}`)
    expect(await erl.observed.next()).toBe('watching')
    await observed.tasks.stop()
    expect(await stopped).toBe('shutdown')

    await start('fails', { waitMs: 300 })
    const failed = erl.eval(`Pid = ${pid('fails')}, ${down}`)
    expect(await erl.observed.next()).toBe('watching')
    expect(await failed).toBe('{task_failed,{js_error,<<"Error">>,<<"on purpose">>}}')
  })

  it('ends a task that Erlang links with, when the other dies, and restarts it by its policy', async () => {
    await start('loop', { restart: { when: 'onFailure', minMs: 1 } })
    const restarted = until(observed.tasks, 'restart')
    await erl.eval(`
      Pid = rpc:call('${node.name}', evrexec, pid, ["loop"]),
      spawn(fun() -> link(Pid), exit(crashed) end)`)
    expect(await observed.failures.next()).toBe('loop: an exit signal ended its process: crashed')
    await restarted
    await until(observed.tasks, 'running')
    expect(observed.tasks.list()[0]).toMatchObject({ restarts: 1, failures: 1 })
  })

  it('leaves out a message that is nested too deep for a thread, and goes on', async () => {
    await start('answers')
    await observed.lines.next()
    await erl.eval(`
      Deep = lists:foldl(fun(_, A) -> {A} end, x, lists:seq(1, 9900)),
      {answers0, '${node.name}'} ! Deep`)
    expect(await observed.failures.next()).toMatch(
      /^answers: a message from .* to "answers0" is left out: /,
    )
    expect(
      await erl.eval(`
        {answers0, '${node.name}'} ! {self(), <<"what">>},
        receive {answered, What, _} -> What end`),
    ).toBe('<<"what">>')
  })

  it('ends a run on demand with the process that it has asked for', async () => {
    await erl.eval(`
      register(killer, spawn(fun() -> receive Pid -> exit(Pid, kill) end end))`)
    await expect(run('sendsSelf')).rejects.toThrow('an exit signal ended its process: killed')
  })

  it('does not restart on failure what a signal of an orderly end ended', async () => {
    await start('loop', { restart: { when: 'onFailure', minMs: 1 } })
    expect(
      await erl.eval(`
        Pid = rpc:call('${node.name}', evrexec, pid, ["loop"]),
        Ref = monitor(process, Pid), exit(Pid, shutdown),
        receive {'DOWN', Ref, process, Pid, Reason} -> Reason end`),
    ).toBe('shutdown')
    await observed.tasks.stop()
    expect(observed.tasks.list()[0]).toMatchObject({ restarts: 0, failures: 0 })
  })

  it('links and monitors from inside', async () => {
    await start('links')
    await observed.lines.next()
    await erl.eval(`
      Pid = rpc:call('${node.name}', evrexec, pid, ["links"]),
      register(linked, spawn(fun() -> receive stop -> exit(enough) end end)), Pid ! whereis(linked)`)
    expect(await observed.lines.next()).toBe('links[0]: linked')
    await erl.eval('linked ! stop')
    expect(await observed.failures.next()).toBe('links: an exit signal ended its process: enough')

    await start('monitors')
    await observed.lines.next()
    await erl.eval(`
      Pid = rpc:call('${node.name}', evrexec, pid, ["monitors"]),
      register(watched, spawn(fun() -> receive stop -> exit(enough) end end)), Pid ! whereis(watched)`)
    expect(await observed.lines.next()).toBe('monitors[0]: monitoring')
    await erl.eval('watched ! stop')
    expect(await observed.lines.next()).toBe('monitors[0]: DOWN enough')
  })

  it('links a run on demand with a process', async () => {
    await start('loop', onDemand)
    await erl.eval('register(fragile, spawn(fun() -> receive X -> exit(X) end end))')
    const pid = await node.rpc(erl.name, 'erlang', 'whereis', [atom('fragile')])
    if (!Pid.is(pid)) throw new TypeError('no pid')
    const running = observed.tasks.run('loop', '', { link: pid })
    const lost = expect(running).rejects.toThrow('an exit signal ended its process: broken')
    expect(await observed.lines.next()).toBe('loop[]: looping')
    await erl.eval('fragile ! broken')
    await lost
  })

  it('has stopped: tasks end, are not started again, and nothing is left unhandled', async () => {
    const epmd = { host: '127.0.0.1', port: erl.epmdPort }
    const other = await ErlangNode.start({ name: uniqueName('short'), cookie: testCookie, epmd })
    const { tasks, failures, lines, define } = observedTasks({ node: other })
    define('loop', { restart: { when: 'always', minMs: 1 } }).define('echo', onDemand)
    await tasks.start()
    await lines.next()
    await other.stop()
    expect(await failures.next()).toMatch(/^loop: .*has been stopped/)
    expect(tasks.list()[0]).toMatchObject({ state: 'failed', restarts: 1 })
    const linked = tasks.run('echo', '', { link: other.pid })
    await expect(linked).rejects.toMatchObject({ code: 'ERR_ERL_CLOSED' })
    expect(await tasks.run('echo')).toBe('ok')
  })

  it('may be a node of its own in each worker', async () => {
    const own = uniqueName('own')
    const [alive, host] = own.split('@')
    await start('ownName', {
      workers: 2,
      node: { name: own, cookie: testCookie, epmd: { host: '127.0.0.1', port: erl.epmdPort } },
    })
    const names = [await observed.lines.next(), await observed.lines.next()].sort()
    expect(names).toEqual([`ownName[0]: ${alive}0@${host}`, `ownName[1]: ${alive}1@${host}`])
    expect(await erl.eval(`rpc:call('${alive}1@${host}', own, twice, [21])`)).toBe('42')
    await observed.tasks.stop()
    expect(await erl.eval(`net_adm:ping('${alive}1@${host}')`)).toBe('pang')
  })
})
