import { atom, charlist, type ErlangNode, format } from 'beamlink'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ErlNode } from '../helpers/erl-node.js'
import { startBeside } from '../helpers/local-node.js'
import { until, withDeadline } from '../helpers/waiting.js'

/** More than it takes for a peer to get a process that runs our calls. */
const manyCalls = 120

let erl: ErlNode
beforeAll(async () => {
  erl = await ErlNode.start()
  await erl.load(`-module(watched).
-export([linked/1, hold/1, ended/1]).
%% The processes here that are linked to one at Node, without those that serve the connection.
linked(Node) ->
  [P || P <- processes(), {links, Links} <- [process_info(P, links)],
        lists:any(fun(L) -> is_pid(L) andalso node(L) =:= Node end, Links)].
%% Tells \`observer\` who it is, and stays until it is told to go.
hold(Value) -> observer ! {held, self()}, receive go -> Value end.
%% Waits until a process has ended.
ended(P) -> R = monitor(process, P), receive {'DOWN', R, _, _, _} -> ended end.`)
})
afterAll(() => erl.stop())

async function call(node: ErlangNode, times: number): Promise<void> {
  for (let i = 0; i < times; i++) await node.rpc(erl.name, 'erlang', 'abs', [-i])
}

/** A node that has called a lot, and the pid of its process at the peer, as Erlang prints it. */
async function startBusy(): Promise<{ node: ErlangNode; rex: string }> {
  const node = await startBeside(erl)
  await call(node, manyCalls)
  const rex = await linkedTo(node)
  expect(rex).toMatch(/^\[<0\.\d+\.0>\]$/)
  return { node, rex: rex.slice(1, -1) }
}

const linkedTo = (node: ErlangNode) => erl.eval(`watched:linked('${node.name}')`)
/** The pid of a process that has come to `watched:hold/1`. */
const holder = async () => (await erl.observed.next()).replace(/^\{held,(.*)\}$/, '$1')
const pidOf = (text: string) => `list_to_pid("${text}")`

describe('a peer that is called a lot', () => {
  it('gets one process of ours, without a name, that runs the calls', async () => {
    const { node, rex } = await startBusy()
    expect(await erl.eval(`process_info(${pidOf(rex)}, registered_name)`)).toBe('[]')
    await call(node, manyCalls)
    expect(await linkedTo(node)).toBe(`[${rex}]`)
    const reductions = async () =>
      Number(await erl.eval(`element(2, process_info(${pidOf(rex)}, reductions))`))
    const before = await reductions()
    expect(await node.rpc(erl.name, 'lists', 'seq', [1, 3])).toEqual([1, 2, 3])
    expect(await reductions()).toBeGreaterThan(before)
    await node.stop()
  })

  it('gets none when it is called seldom', async () => {
    const node = await startBeside(erl)
    await call(node, 50)
    expect(await linkedTo(node)).toBe('[]')
    await node.stop()
  })

  it('tells failures as it does when each call is spawned', async () => {
    const { node: busy } = await startBusy()
    const fresh = await startBeside(erl)
    const calls = [
      ['erlang', 'error', [atom('oops')]],
      ['erlang', 'exit', [atom('oops')]],
      ['erlang', 'throw', [atom('oops')]],
      ['lists', 'nth', [0, []]],
      ['nowhere', 'f', [1]],
      ['erlang', 'abs', [atom('a')]],
      ['erlang', 'apply', [atom('erlang'), atom('exit'), [atom('kill')]]],
    ] as const
    const failureOf = (node: ErlangNode, [module, name, args]: (typeof calls)[number]) =>
      node.rpc(erl.name, module, name, args).then(
        () => expect.unreachable('it fails'),
        ({ code, message, remoteClass, reason, remoteStack }) => ({
          ...{ code, message, remoteClass },
          reason: format(reason),
          remoteStack: remoteStack === undefined ? undefined : format(remoteStack),
        }),
      )
    for (const one of calls) expect(await failureOf(busy, one)).toEqual(await failureOf(fresh, one))
    await Promise.all([busy.stop(), fresh.stop()])
  })

  it('tells of a function that was killed as it does when each call is spawned', async () => {
    const { node: busy } = await startBusy()
    const fresh = await startBeside(erl)
    for (const node of [busy, fresh]) {
      const told = expect(node.rpc(erl.name, 'watched', 'hold', [1])).rejects.toMatchObject({
        code: 'ERR_ERL_REMOTE',
        remoteClass: 'exit',
        reason: atom('killed'),
      })
      await erl.eval(`exit(${pidOf(await holder())}, kill)`)
      await told
    }
    await Promise.all([busy.stop(), fresh.stop()])
  })

  it('may return what looks like a failure', async () => {
    const { node } = await startBusy()
    const value = "{badrpc, {'EXIT', nothing}}"
    await erl.load(`-module(odd). -export([value/0]). value() -> ${value}.`)
    await expect(node.rpc(erl.name, 'odd', 'value')).rejects.toMatchObject({
      code: 'ERR_ERL_REMOTE',
    })
    await node.stop()
  })

  it('is not held up by those who block rex', async () => {
    const { node } = await startBusy()
    await erl.eval('sys:suspend(rex)')
    try {
      expect(await node.rpc(erl.name, 'erlang', 'abs', [-1], { timeoutMs: 4_000 })).toBe(1)
    } finally {
      await erl.eval('sys:resume(rex)')
    }
    await node.stop()
  })

  it('still spawns what is to be killed when it is given up', async () => {
    const { node } = await startBusy()
    const held = node.rpc(erl.name, 'watched', 'hold', [1], { timeoutMs: 200, kill: true })
    await expect(held).rejects.toMatchObject({ code: 'ERR_ERL_TIMEOUT' })
    expect(await erl.eval(`watched:ended(${pidOf(await holder())})`)).toBe('ended')
    await node.stop()
  })

  it('leaves nothing behind of a call that was given up, and drops its late answer', async () => {
    const { node } = await startBusy()
    const held = node.rpc(erl.name, 'watched', 'hold', [1], { timeoutMs: 50 })
    await expect(held).rejects.toMatchObject({ code: 'ERR_ERL_TIMEOUT' })
    expect(node.stats().pendingCalls).toBe(0)
    const dropped = until<[{ reason: string }]>(
      node,
      'drop',
      ({ reason }) => reason === 'unknownAlias',
    )
    await erl.eval(`${pidOf(await holder())} ! go`)
    await withDeadline(dropped, 'the late answer')
    await node.stop()
  })

  it('prints to the listener of a call', async () => {
    const { node } = await startBusy()
    let printed = ''
    const options = { onOutput: (text: string) => (printed += text) }
    await node.rpc(erl.name, 'io', 'format', [charlist('hello ~p'), [42]], options)
    expect(printed).toBe('hello 42')
    await node.stop()
  })
})

describe('the process at the peer', () => {
  it('fails the calls that it was given when it is killed, and comes again', async () => {
    const { node, rex } = await startBusy()
    const told = expect(node.rpc(erl.name, 'watched', 'hold', [1])).rejects.toMatchObject({
      code: 'ERR_ERL_REMOTE',
      reason: atom('killed'),
      message: `the process at ${erl.name} that ran the calls of this node ended with killed`,
    })
    const pid = await holder()
    await erl.eval(`exit(${pidOf(rex)}, kill)`)
    await told
    await erl.eval(`exit(${pidOf(pid)}, kill)`)
    await call(node, manyCalls)
    const next = await linkedTo(node)
    expect(next).toMatch(/^\[<0\.\d+\.0>\]$/)
    expect(next).not.toBe(`[${rex}]`)
    await node.stop()
  })

  it('ends with our node', async () => {
    const { node, rex } = await startBusy()
    await node.stop()
    expect(await erl.eval(`watched:ended(${pidOf(rex)})`)).toBe('ended')
  })

  it('ends with the connection, and comes again with the next', async () => {
    const { node, rex } = await startBusy()
    const told = expect(node.rpc(erl.name, 'timer', 'sleep', [60_000])).rejects.toMatchObject({
      code: 'ERR_ERL_NOCONNECTION',
    })
    await node.disconnect(erl.name)
    await told
    expect(await erl.eval(`watched:ended(${pidOf(rex)})`)).toBe('ended')
    await call(node, manyCalls)
    expect(await linkedTo(node)).toMatch(/^\[<0\.\d+\.0>\]$/)
    await node.stop()
  })
})

describe('another node of ours that is called a lot', () => {
  it('answers every call, and has nothing to complain of', async () => {
    const [node, other] = await Promise.all([startBeside(erl), startBeside(erl)])
    const complaints: unknown[] = []
    other.on('handlerError', (error) => complaints.push(error))
    other.expose('math', { twice: (value: number) => value * 2 })
    for (let i = 0; i < 2 * manyCalls; i++) {
      expect(await node.rpc(other.name, 'math', 'twice', [i])).toBe(2 * i)
    }
    const processes = other.stats().processes
    const fresh = await startBeside(erl)
    expect([complaints, processes]).toEqual([[], fresh.stats().processes])
    await Promise.all([node.stop(), other.stop(), fresh.stop()])
  })

  it('as a node itself answers every call', async () => {
    const node = await startBeside(erl)
    node.expose('math', { twice: (value: number) => value * 2 })
    for (let i = 0; i < 2 * manyCalls; i++) {
      expect(await node.rpc(node.name, 'math', 'twice', [i])).toBe(2 * i)
    }
    await node.stop()
  })
})
