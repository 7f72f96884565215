import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ErlangError } from '../../lib/errors.js'
import { Operation } from '../../lib/native/contract.js'
import { reactor } from '../../lib/native/reactor.js'
import type { WhenBusy } from '../../lib/node/options.js'
import { type FlowLimits, Inflow, Outflow } from '../../lib/node/peer/flow.js'
import { snapshot } from '../../lib/node/peer/peer.js'
import { WaitingFrame, WaitingRoom } from '../../lib/node/peer/waiting-room.js'
import { Seekers } from '../../lib/node/process/seekers.js'
import { settled, type Waiting } from '../../lib/node/route.js'

/** No channel of this process: the reactor takes what is said of it, and nothing comes of that. */
const channel = 2 ** 32 - 1
const gone = new ErlangError('ERR_ERL_NOCONNECTION', 'gone')

let overflows: string[]
let seekers: Seekers
beforeEach(() => {
  overflows = []
  seekers = new Seekers()
})
afterEach(() => {
  vi.restoreAllMocks()
})

function limits(whenBusy: WhenBusy, maxQueuedBytes = 1000): FlowLimits {
  return { maxQueuedBytes, whenBusy, seekers, overflowed: (what) => overflows.push(what) }
}

/** `settled` or `held`, after all that is due has run. */
async function stateOf(promise: Promise<unknown>): Promise<string> {
  const later = new Promise((resolve) => setImmediate(resolve, 'held'))
  return String(await Promise.race([promise.then(() => 'settled', String), later]))
}

describe('what is handed to a channel', () => {
  it('holds nobody up at the limit, and everybody above it until it has drained', async () => {
    const flow = new Outflow(channel, limits('wait'))
    expect(flow.add(1000)).toBe(settled)
    const held = [flow.add(1), flow.add(1)]
    expect(await Promise.all(held.map(stateOf))).toEqual(['held', 'held'])
    flow.drained(1)
    expect(await Promise.all(held.map(stateOf))).toEqual(['held', 'held'])
    flow.drained(2)
    expect(await Promise.all(held.map(stateOf))).toEqual(['settled', 'settled'])
    expect(flow.queued).toBe(1000)
  })

  it.each(['fail', 'disconnect'] as const)('holds nobody up under %s', (whenBusy) => {
    const flow = new Outflow(channel, limits(whenBusy))
    expect(flow.add(5000)).toBe(settled)
  })

  it('is asked after once until the answer, and again by who finds it full', () => {
    const drain = vi.spyOn(reactor, 'drain')
    const flow = new Outflow(channel, limits('fail'))
    void flow.add(2000)
    void flow.add(1)
    expect(flow.isFull).toBe(true)
    expect(drain.mock.calls).toEqual([[channel, Number.POSITIVE_INFINITY]])
    flow.drained(0)
    expect(flow.isFull).toBe(true)
    expect(drain).toHaveBeenCalledTimes(2)
    flow.drained(2001)
    expect(flow.isFull).toBe(false)
    expect(drain).toHaveBeenCalledTimes(2)
  })

  it('ends the channel only when the reactor has told that so much waits', () => {
    const flow = new Outflow(channel, limits('disconnect'))
    for (let frame = 0; frame < 10; frame += 1) void flow.add(900)
    expect(overflows).toEqual([])
    flow.drained(8500)
    expect(overflows).toEqual([])
    void flow.add(600)
    flow.drained(8501)
    expect(overflows).toEqual(['1099 bytes waited to be written'])
  })

  it('tells when it is written, in order, and counts its frames', async () => {
    const flow = new Outflow(channel, limits('wait'))
    expect(flow.whenWritten()).toBe(settled)
    void flow.add(10)
    const first = flow.whenWritten()
    void flow.add(10)
    const second = flow.whenWritten()
    flow.drained(10)
    expect([await stateOf(first), await stateOf(second)]).toEqual(['settled', 'held'])
    flow.drained(20)
    expect(await stateOf(second)).toBe('settled')
    expect(flow.frames).toBe(2)
  })

  it('fails those who wait when the channel goes', async () => {
    const flow = new Outflow(channel, limits('wait'))
    const held = flow.add(2000)
    const flush = flow.whenWritten()
    flow.close(gone)
    await expect(held).rejects.toBe(gone)
    await expect(flush).rejects.toBe(gone)
  })

  it.each([
    [1, 'fails'],
    [2, 'is right'],
  ])('with %d of 2 frames written when the channel goes, %s', async (written, expected) => {
    const flow = new Outflow(channel, limits('wait'))
    void flow.add(10)
    void flow.add(10)
    const flush = flow.whenWritten().then(
      () => 'is right',
      () => 'fails',
    )
    flow.close(gone, written)
    expect(await flush).toBe(expected)
  })
})

describe('what a channel has brought', () => {
  const urgent = () => vi.spyOn(reactor, 'setUrgent')

  it('is credited in portions', () => {
    const credit = vi.spyOn(reactor, 'credit')
    const flow = new Inflow(channel, limits('wait', 8000))
    flow.arrived(2500)
    flow.consumed(500)
    expect(credit).not.toHaveBeenCalled()
    flow.consumed(700)
    expect(credit.mock.calls).toEqual([[channel, 1200]])
    expect(flow.outstanding).toBe(1300)
  })

  it('is read on past a quarter of its limit while a call is pending, and no longer', () => {
    const set = urgent()
    const flow = new Inflow(channel, limits('wait'))
    flow.callStarted()
    flow.arrived(249)
    expect(set).not.toHaveBeenCalled()
    flow.arrived(1)
    expect(set.mock.calls).toEqual([[channel, true]])
    flow.consumed(200)
    flow.callStarted()
    flow.callEnded()
    expect(set).toHaveBeenCalledTimes(1)
    flow.callEnded()
    expect(set.mock.calls).toEqual([
      [channel, true],
      [channel, false],
    ])
  })

  it('is read on while somebody waits for one message among others', () => {
    const set = urgent()
    const flow = new Inflow(channel, limits('wait'))
    const idle = new Inflow(channel - 1, limits('wait'))
    flow.arrived(600)
    idle.arrived(1)
    seekers.started()
    seekers.started()
    expect(set.mock.calls).toEqual([[channel, true]])
    seekers.ended()
    expect(set).toHaveBeenCalledTimes(1)
    seekers.ended()
    expect(set).toHaveBeenLastCalledWith(channel, false)
    flow.close()
    seekers.started()
    expect(set).toHaveBeenCalledTimes(2)
  })

  it('ends the channel past the second limit, if it is to', () => {
    const second = 1000 + 512 * 1024 * 1024
    for (const whenBusy of ['wait', 'fail', 'disconnect'] as const) {
      const flow = new Inflow(channel, limits(whenBusy))
      flow.arrived(second)
      flow.callStarted()
      flow.arrived(1)
    }
    expect(overflows).toEqual([`${second + 1} bytes came before the answer to a call`])
  })
})

describe('what waits for a channel', () => {
  const frame = (payload: string, failed: (error: ErlangError) => void = () => undefined) =>
    new WaitingFrame(Operation.Send, [], snapshot(payload), () => undefined, failed)

  const patient = (): Waiting => ({
    whenDown: 'wait',
    snapshot: () => 7,
    routeUp: () => undefined,
    routeFailed: () => undefined,
  })

  it('is taken in order, and its bytes are known', () => {
    const room = new WaitingRoom()
    const [first, second, third] = [frame('one'), patient(), frame('three')]
    for (const waiting of [first, second, third]) room.add(waiting)
    expect([room.size, room.bytes]).toEqual([3, 8 + 7 + 10])
    room.remove(second)
    room.remove(second)
    expect([room.size, room.bytes]).toEqual([2, 18])
    expect(room.takeAll()).toEqual([first, third])
    expect([room.size, room.bytes]).toEqual([0, 0])
  })

  it('goes on waiting after a failure if it is patient', () => {
    const room = new WaitingRoom()
    const [first, second, third] = [frame('one'), patient(), frame('three')]
    for (const waiting of [first, second, third]) room.add(waiting)
    expect(room.isPatient).toBe(true)
    expect(room.takeImpatient()).toEqual([first, third])
    expect([room.size, room.bytes, room.isPatient]).toEqual([1, 7, true])
    room.remove(second)
    expect(room.isPatient).toBe(false)
  })
})
