import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ErlangError } from '../../lib/errors.js'
import { type NodeOptions, resolveNodeOptions } from '../../lib/node/options.js'
import { Keeper, type Redial } from '../../lib/node/peer/keeper.js'
import type { Peer } from '../../lib/node/peer/peer.js'
import { Backoff, resolveReconnect } from '../../lib/node/peer/reconnect.js'

const own = 'web@127.0.0.1'
const shop = 'shop@127.0.0.1'

function resolve(reconnect: unknown) {
  return resolveNodeOptions({ name: own, reconnect } as NodeOptions).reconnect
}

describe('the option reconnect', () => {
  it.each([
    ['yes', 'reconnect must be an object, got "yes" (string)'],
    [{ keep: shop }, `reconnect.keep must be an array of node names, got "${shop}" (string)`],
    [{ minMs: '1' }, 'reconnect.minMs must be an integer from 1 to'],
    [{ kept: [] }, 'unknown option "kept" of reconnect; did you mean "keep"?'],
  ])('refuses the type in %o', (reconnect, message) => {
    expect(() => resolve(reconnect)).toThrow(TypeError)
    expect(() => resolve(reconnect)).toThrow(message)
  })

  it.each([
    [{ keep: ['shop'] }, 'reconnect.keep must be a node name'],
    [{ keep: [own] }, `reconnect.keep must be names of other nodes, got "${own}" (string)`],
    [{ minMs: 0 }, 'reconnect.minMs must be an integer from 1 to'],
    [{ minMs: 1.5 }, 'reconnect.minMs must be an integer from 1 to'],
    [{ maxMs: Number.POSITIVE_INFINITY }, 'reconnect.maxMs must be an integer from 100 to'],
    [{ minMs: 200, maxMs: 100 }, 'reconnect.maxMs must be an integer from 200 to'],
  ])('refuses the value in %o', (reconnect, message) => {
    expect(() => resolve(reconnect)).toThrow(RangeError)
    expect(() => resolve(reconnect)).toThrow(message)
  })

  it('has the documented defaults', () => {
    expect(resolve(undefined)).toEqual({ keep: new Set(), minMs: 100, maxMs: 30_000 })
    expect(resolve({ keep: [shop], minMs: 60_000 })).toEqual({
      keep: new Set([shop]),
      minMs: 60_000,
      maxMs: 60_000,
    })
  })
})

describe('the pauses between attempts', () => {
  it('grow twofold up to the longest, each drawn from the upper half', () => {
    const longest = [100, 200, 400, 800, 1_000, 1_000]
    for (let round = 0; round < 50; round += 1) {
      const backoff = new Backoff(100, 1_000)
      for (const limit of longest) {
        const pause = backoff.next()
        expect(pause).toBeGreaterThanOrEqual(limit / 2)
        expect(pause).toBeLessThan(limit)
      }
      expect(backoff.failures).toBe(longest.length)
    }
  })

  it('differ from node to node', () => {
    const pauses = Array.from({ length: 20 }, () => new Backoff(1_000, 1_000).next())
    expect(new Set(pauses).size).toBeGreaterThan(10)
  })

  it('stay within the limit after thousands of failures', () => {
    const backoff = new Backoff(100, 30_000)
    for (let count = 0; count < 5_000; count += 1) expect(backoff.next()).toBeLessThan(30_000)
  })
})

describe('a keeper', () => {
  const error = new ErlangError('ERR_ERL_NOCONNECTION', 'gone')
  const choice = resolveReconnect({ keep: [shop], minMs: 100, maxMs: 400 }, own)
  let dialled: string[]
  let told: Redial[]
  let keeper: Keeper
  beforeEach(() => {
    vi.useFakeTimers()
    dialled = []
    told = []
    keeper = new Keeper(
      choice,
      (peer) => dialled.push(peer.name),
      (_peer, redial) => told.push(redial),
    )
  })
  afterEach(() => {
    keeper.close()
    vi.useRealTimers()
  })

  /** As much of a peer as a keeper looks at. */
  const peerOf = (name: string, isAwaited = false) => ({ name, isAwaited }) as unknown as Peer

  it('leaves alone whom nobody keeps and nobody waits for', () => {
    keeper.down(peerOf('other@127.0.0.1'), error)
    vi.runAllTimers()
    expect([dialled, told]).toEqual([[], []])
  })

  it('dials a kept peer after growing pauses, and says when and why', () => {
    const peer = peerOf(shop)
    for (let failures = 1; failures <= 4; failures += 1) {
      keeper.down(peer, error)
      expect(keeper.isScheduled(peer)).toBe(true)
      vi.runAllTimers()
      expect(keeper.isScheduled(peer)).toBe(false)
    }
    expect(dialled).toEqual([shop, shop, shop, shop])
    expect(told.map(({ failures }) => failures)).toEqual([1, 2, 3, 4])
    for (const [index, limit] of [100, 200, 400, 400].entries()) {
      expect(told[index]?.delayMs).toBeGreaterThanOrEqual(limit / 2)
      expect(told[index]?.delayMs).toBeLessThan(limit)
      expect(told[index]?.error).toBe(error)
    }
  })

  it('dials for those who wait, and no more when they have gone', () => {
    const awaited = peerOf('other@127.0.0.1', true)
    keeper.down(awaited, error)
    vi.runAllTimers()
    expect(dialled).toEqual([awaited.name])
    keeper.down(awaited, error)
    Object.assign(awaited, { isAwaited: false })
    vi.runAllTimers()
    expect(dialled).toEqual([awaited.name])
  })

  it('has one attempt due at a time', () => {
    keeper.down(peerOf(shop), error)
    keeper.down(peerOf(shop), error)
    vi.runAllTimers()
    expect([dialled.length, told.length]).toEqual([1, 1])
  })

  it('gives up the attempt that is due when the peer comes by itself', () => {
    keeper.down(peerOf(shop), error)
    keeper.up(peerOf(shop))
    vi.runAllTimers()
    expect(dialled).toEqual([])
  })

  it('starts anew after a connection that has held, not after one that broke at once', () => {
    const peer = peerOf(shop)
    keeper.down(peer, error)
    vi.runAllTimers()
    keeper.up(peer)
    keeper.down(peer, error)
    expect(told.at(-1)?.failures).toBe(2)
    vi.runAllTimers()
    keeper.up(peer)
    vi.advanceTimersByTime(1_000)
    keeper.down(peer, error)
    expect(told.at(-1)?.failures).toBe(1)
  })

  it('leaves a peer alone that the user has disconnected, until it is up again', () => {
    const peer = peerOf(shop)
    keeper.down(peer, error)
    keeper.suspend(peer)
    keeper.down(peer, error)
    vi.runAllTimers()
    expect(dialled).toEqual([])
    keeper.up(peer)
    keeper.down(peer, error)
    vi.runAllTimers()
    expect(dialled).toEqual([shop])
  })

  it('goes on dialling for those who wait, although the user has disconnected the peer', () => {
    const peer = peerOf(shop, true)
    keeper.down(peer, error)
    keeper.suspend(peer)
    vi.runAllTimers()
    expect(dialled).toEqual([shop])
  })

  it('dials nobody after its close', () => {
    keeper.down(peerOf(shop), error)
    keeper.close()
    keeper.down(peerOf(shop), error)
    vi.runAllTimers()
    expect(dialled).toEqual([])
  })
})
