import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ErlangError } from '../../lib/errors.js'
import { Operation } from '../../lib/native/contract.js'
import { defaultDecodeOptions } from '../../lib/native/options.js'
import { AbortListeners } from '../../lib/node/abort-listeners.js'
import { Calls, Failure, resultOf } from '../../lib/node/calls.js'
import type { NodeCore } from '../../lib/node/core.js'
import { Deadlines, type Timed } from '../../lib/node/deadlines.js'
import { Identity } from '../../lib/node/identity.js'
import { parseNodeName } from '../../lib/node/node-name.js'
import type { Route, Waiting } from '../../lib/node/route.js'
import { GenCall } from '../../lib/otp/gen-call.js'
import { RpcCall, type RpcRequest, type Runners } from '../../lib/otp/rpc/rpc.js'
import { atom } from '../../lib/term/atom.js'
import { improper } from '../../lib/term/list.js'
import { Pid } from '../../lib/term/pid.js'
import type { Term } from '../../lib/term/term.js'
import { tuple } from '../../lib/term/tuple.js'
import { frameOf, RecordedRoute } from '../helpers/recorded-route.js'

const identity = new Identity(parseNodeName('name', 'web@127.0.0.1'))
const caller = identity.nextPid()
const groupLeader = identity.nextPid()
const wait = { timeoutMs: 1_000, signal: undefined }

let calls: Calls
beforeEach(() => {
  calls = new Calls(identity, caller)
})

function rpcCall(route: Route, request: Partial<RpcRequest> = {}, runners?: Runners): RpcCall {
  const core = { calls } as unknown as NodeCore
  const sum: RpcRequest = {
    module: atom('lists'),
    function: atom('sum'),
    args: [[1, 2]],
    decode: defaultDecodeOptions,
    encode: undefined,
    kill: false,
    ...request,
  }
  const call = new RpcCall(core, route.name, groupLeader, sum, runners)
  calls.start(call, wait, route)
  return call
}

describe('rpc to a peer without spawn requests', () => {
  const old = () => new RecordedRoute('old@127.0.0.1', { spawns: false })

  it('is a TypeError with kill: true', async () => {
    const call = rpcCall(old(), { kill: true })
    await expect(resultOf(call)).rejects.toThrow(TypeError)
    await expect(resultOf(call)).rejects.toThrow('kill: true is not possible at old@127.0.0.1')
    expect(calls.size).toBe(0)
  })

  it('asks rex, with a plain reference as its tag', async () => {
    const route = old()
    const call = rpcCall(route)
    const request = tuple(atom('call'), atom('lists'), atom('sum'), [[1, 2]], atom('user'))
    expect(route.sent).toEqual([
      {
        operation: Operation.RegSend,
        fields: [caller, atom('rex')],
        payload: tuple(atom('$gen_call'), tuple(caller, call.reference), request),
      },
    ])
    call.answer(frameOf(Operation.SendSender, [], tuple(call.reference, 3)))
    expect(await resultOf(call)).toBe(3)
    expect([calls.size, route.pendingCalls]).toEqual([0, 0])
  })

  it.each([
    [tuple(atom('badrpc'), atom('nodedown')), 'ERR_ERL_NODEDOWN'],
    [tuple(atom('badrpc'), tuple(atom('EXIT'), atom('why'))), 'ERR_ERL_REMOTE'],
  ])('fails with what badrpc says: %o', async (value, code) => {
    const call = rpcCall(old())
    call.answer(frameOf(Operation.SendSender, [], tuple(call.reference, value)))
    await expect(resultOf(call)).rejects.toMatchObject({ code, reason: value[1] })
  })

  it('fails with ERR_ERL_PROTOCOL for an answer of another shape', async () => {
    const call = rpcCall(old())
    call.answer(frameOf(Operation.SendSender, [], atom('what')))
    await expect(resultOf(call)).rejects.toMatchObject({ code: 'ERR_ERL_PROTOCOL' })
  })
})

describe('rpc by a process of ours', () => {
  const runner = new Pid(atom('shop@127.0.0.1'), 7, 0, 1)
  const given = (): [RecordedRoute, RpcCall] => {
    const route = new RecordedRoute('shop@127.0.0.1')
    return [route, rpcCall(route, {}, { at: () => runner })]
  }
  const answered = (call: RpcCall, value: Term) =>
    call.answer(frameOf(Operation.AliasSend, [], tuple(atom('rex'), value)))
  const exited = (reason: Term) => tuple(atom('badrpc'), tuple(atom('EXIT'), reason))

  it('asks it by an alias, and reads what the function came to', async () => {
    const [route, call] = given()
    const called = [0, atom('lists'), atom('sum'), [[1, 2]]]
    const request = tuple(atom('call'), atom('erpc'), atom('execute_call'), called, atom('user'))
    expect(route.sent).toEqual([
      { operation: Operation.Send, fields: [runner], payload: tuple(call.reference, request) },
    ])
    answered(call, exited(tuple(0, atom('return'), 3)))
    expect(await resultOf(call)).toBe(3)
    expect([calls.size, route.pendingCalls]).toEqual([0, 0])
  })

  it.each([
    [tuple(0, atom('throw'), atom('why')), 'throw'],
    [tuple(0, atom('error'), atom('why'), []), 'error'],
    [atom('why'), 'exit'],
  ])('fails with what the process ended with: %o', async (reason, remoteClass) => {
    const [, call] = given()
    answered(call, exited(reason))
    await expect(resultOf(call)).rejects.toMatchObject({
      ...{ code: 'ERR_ERL_REMOTE', remoteClass, reason: atom('why') },
    })
    expect(calls.size).toBe(0)
  })

  it('is spawned all the same with kill: true', () => {
    const route = new RecordedRoute('shop@127.0.0.1')
    rpcCall(route, { kill: true }, { at: () => runner })
    expect(route.sent[0]?.operation).toBe(Operation.SpawnRequest)
  })
})

describe('rpc by a spawn request', () => {
  it('fails when the peer refuses to spawn', async () => {
    const call = rpcCall(new RecordedRoute('shop@127.0.0.1'))
    call.spawnReply(atom('system_limit'))
    await expect(resultOf(call)).rejects.toMatchObject({
      code: 'ERR_ERL_REMOTE',
      reason: atom('system_limit'),
    })
    expect(calls.size).toBe(0)
  })

  it('waits for the pid of a call that was given up, then kills it', async () => {
    const route = new RecordedRoute('shop@127.0.0.1')
    const call = rpcCall(route, { kill: true })
    call.abort(AbortSignal.abort(new Error('enough')))
    await expect(resultOf(call)).rejects.toThrow('enough')
    expect(route.sent).toHaveLength(1)
    const pid = new Pid(route.node, 7, 0, 1)
    call.spawnReply(pid)
    expect(route.sent.slice(1)).toEqual([
      { operation: Operation.Demonitor, fields: [caller, pid, call.reference] },
      { operation: Operation.Exit2, fields: [caller, pid], payload: atom('kill') },
    ])
    expect(calls.size).toBe(0)
  })
})

describe('a gen call to a peer without monitors', () => {
  const genRequest = {
    label: atom('$gen_call'),
    to: atom('x'),
    request: 1,
    decode: defaultDecodeOptions,
    encode: undefined,
  }

  it('sends none, since C nodes close the connection on it', async () => {
    const route = new RecordedRoute('c@127.0.0.1', { monitors: false })
    const core = { calls } as unknown as NodeCore
    const call = new GenCall(core, route.name, genRequest)
    calls.start(call, wait, route)
    expect(route.sent).toEqual([
      {
        operation: Operation.RegSend,
        fields: [caller, atom('x')],
        payload: tuple(atom('$gen_call'), tuple(caller, call.reference), 1),
      },
    ])
    call.answer(frameOf(Operation.SendSender, [], tuple(call.reference, 2)))
    expect(await resultOf(call)).toBe(2)
    expect(route.sent).toHaveLength(1)
  })

  it('monitors, and tags with an alias, where the peer can', async () => {
    const route = new RecordedRoute('shop@127.0.0.1')
    const core = { calls } as unknown as NodeCore
    const call = new GenCall(core, route.name, genRequest)
    calls.start(call, wait, route)
    const tag = improper([atom('alias')], call.reference)
    expect(route.sent).toMatchObject([
      { operation: Operation.Monitor, fields: [caller, atom('x'), call.reference] },
      { payload: tuple(atom('$gen_call'), tuple(caller, tag), 1) },
    ])
  })
})

describe('the table of calls', () => {
  it('finds a call by its reference, and no other node has it', () => {
    const call = rpcCall(new RecordedRoute('shop@127.0.0.1'))
    expect(calls.find(call.reference)).toBe(call)
    expect(calls.find(identity.nextReference())).toBeUndefined()
    const { words, node, creation } = call.reference
    const forged = new (Object.getPrototypeOf(call.reference).constructor)(
      node,
      words,
      creation + 1,
    )
    expect(calls.find(forged)).toBeUndefined()
  })

  it('fails those that went over a lost route, and only those', async () => {
    const [here, there] = [new RecordedRoute('a@h.x'), new RecordedRoute('b@h.x')]
    const [lost, kept] = [rpcCall(here), rpcCall(there)]
    calls.routeLost(here, new Failure('ERR_ERL_NOCONNECTION', 'gone'))
    await expect(resultOf(lost)).rejects.toMatchObject({ code: 'ERR_ERL_NOCONNECTION' })
    expect([kept.isSettled, calls.size, here.pendingCalls]).toEqual([false, 1, 0])
  })

  it('fails those that wait for a channel when none comes up', async () => {
    let waiting: Waiting | undefined
    const route = new RecordedRoute('shop@127.0.0.1')
    route.whenUp = (entry) => {
      entry.snapshot()
      waiting = entry
    }
    const call = rpcCall(route)
    waiting?.routeFailed(new ErlangError('ERR_ERL_NO_EPMD', 'no epmd'))
    await expect(resultOf(call)).rejects.toMatchObject({ code: 'ERR_ERL_NO_EPMD' })
    expect(calls.size).toBe(0)
  })

  it('does not send what was given up before the channel came up', async () => {
    let waiting: Waiting | undefined
    const route = new RecordedRoute('shop@127.0.0.1')
    route.whenUp = (entry) => {
      waiting = entry
    }
    const call = rpcCall(route)
    call.expire()
    await expect(resultOf(call)).rejects.toMatchObject({
      code: 'ERR_ERL_TIMEOUT',
      message: expect.stringContaining('still connecting'),
    })
    waiting?.routeUp(route)
    expect(route.sent).toEqual([])
    expect(calls.size).toBe(0)
  })

  it('takes no call any more when it is closed', async () => {
    const pending = rpcCall(new RecordedRoute('shop@127.0.0.1'))
    calls.close(new Failure('ERR_ERL_CLOSED', 'stopped'))
    await expect(resultOf(pending)).rejects.toMatchObject({ code: 'ERR_ERL_CLOSED' })
    const route = new RecordedRoute('shop@127.0.0.1')
    await expect(resultOf(rpcCall(route))).rejects.toMatchObject({ code: 'ERR_ERL_CLOSED' })
    expect(route.sent).toEqual([])
  })

  it('keeps nothing of a call whose arguments have no Erlang form', () => {
    const args = [Symbol('x')] as unknown as number[]
    expect(() => rpcCall(new RecordedRoute('shop@127.0.0.1'), { args })).toThrow(
      expect.objectContaining({ code: 'ERR_ERL_ENCODE' }),
    )
    expect(calls.size).toBe(0)
  })
})

describe('deadlines', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'hrtime'] })
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  function entry(expired: string[], name: string): Timed {
    const expire = () => expired.push(name)
    return { dueAt: 0, previous: undefined, next: undefined, queue: undefined, expire }
  }

  it('expire in the order in which they are due, under one timer', () => {
    const deadlines = new Deadlines()
    const expired: string[] = []
    deadlines.start(entry(expired, 'late'), 500)
    deadlines.start(entry(expired, 'soon'), 10)
    deadlines.start(entry(expired, 'later'), 500)
    expect(vi.getTimerCount()).toBe(1)
    vi.advanceTimersByTime(10)
    expect(expired).toEqual(['soon'])
    vi.advanceTimersByTime(490)
    expect(expired).toEqual(['soon', 'late', 'later'])
    expect(vi.getTimerCount()).toBe(0)
  })

  it('do not expire once they are stopped', () => {
    const deadlines = new Deadlines()
    const expired: string[] = []
    const entries = ['a', 'b', 'c'].map((name) => entry(expired, name))
    for (const each of entries) deadlines.start(each, 100)
    for (const each of [entries[1], entries[0], entries[1]]) if (each) deadlines.stop(each)
    vi.advanceTimersByTime(100)
    expect(expired).toEqual(['c'])
  })

  it('never come with Infinity, and come at once with 0', () => {
    const deadlines = new Deadlines()
    const expired: string[] = []
    deadlines.start(entry(expired, 'never'), Number.POSITIVE_INFINITY)
    expect(vi.getTimerCount()).toBe(0)
    deadlines.start(entry(expired, 'now'), 0)
    vi.advanceTimersByTime(1)
    expect(expired).toEqual(['now'])
  })

  it('may be as far away as no timer of Node can be', () => {
    const deadlines = new Deadlines()
    const expired: string[] = []
    deadlines.start(entry(expired, 'far'), 2 ** 31 + 1_000)
    vi.advanceTimersByTime(2 ** 31)
    expect(expired).toEqual([])
    vi.advanceTimersByTime(1_000)
    expect(expired).toEqual(['far'])
  })

  it('may be started by what expires', () => {
    const deadlines = new Deadlines()
    const expired: string[] = []
    const first = entry(expired, 'first')
    const next = entry(expired, 'next')
    first.expire = () => deadlines.start(next, 5)
    deadlines.start(first, 5)
    vi.advanceTimersByTime(10)
    expect(expired).toEqual(['next'])
  })
})

describe('aborts', () => {
  it('use one listener of a signal for all that share it, and none afterwards', () => {
    const { signal } = new AbortController()
    const added = vi.spyOn(signal, 'addEventListener')
    const removed = vi.spyOn(signal, 'removeEventListener')
    const listeners = new AbortListeners()
    const entries = Array.from({ length: 20 }, () => ({ abort: () => undefined }))
    for (const each of entries) listeners.add(signal, each)
    for (const each of entries) listeners.remove(signal, each)
    expect([added, removed].map(({ mock }) => mock.calls.length)).toEqual([1, 1])
  })

  it('reach all that share a signal, also when each goes away', () => {
    const controller = new AbortController()
    const listeners = new AbortListeners()
    const told: number[] = []
    for (const n of [1, 2, 3]) {
      const each = {
        abort: (signal: AbortSignal) => {
          told.push(n)
          listeners.remove(signal, each)
        },
      }
      listeners.add(controller.signal, each)
    }
    controller.abort()
    expect(told).toEqual([1, 2, 3])
  })
})
