import { beforeEach, describe, expect, it } from 'vitest'
import { noTraffic, type Traffic } from '../../lib/native/channel-counts.js'
import { Ledger } from '../../lib/node/peer/ledger.js'

const once: Traffic = {
  framesIn: 1,
  framesOut: 2,
  bytesIn: 30,
  bytesOut: 40,
  ticksIn: 5,
  ticksOut: 6,
}
const twice: Traffic = {
  framesIn: 2,
  framesOut: 4,
  bytesIn: 60,
  bytesOut: 80,
  ticksIn: 10,
  ticksOut: 12,
}
const peer = 'shop@127.0.0.1'

let ledger: Ledger
beforeEach(() => {
  ledger = new Ledger()
})

describe('the accounts of peers', () => {
  it('are not made by strangers who are refused', () => {
    ledger.dropped({ reason: 'refused', peer: 'anybody@at.all' })
    expect([ledger.size, ledger.find('anybody@at.all')]).toEqual([0, undefined])
  })

  it('go on where they were when a peer comes back', () => {
    ledger.opened(peer, 3)
    ledger.dropped({ reason: 'unknownName', peer })
    ledger.closed(peer, once)
    expect(ledger.find(peer)).toMatchObject({ connections: 1, upSinceMs: undefined, past: once })
    ledger.opened(peer, 7)
    expect(ledger.find(peer)).toMatchObject({ connections: 2, handshakeMs: 7, past: once })
    expect(ledger.find(peer)?.upSinceMs).toBeCloseTo(Date.now(), -4)
    ledger.dropped({ reason: 'unwritten', peer, count: 4 })
    ledger.closed(peer, once)
    expect(ledger.find(peer)).toMatchObject({
      past: twice,
      drops: { unknownName: 1, unwritten: 4 },
    })
    expect([ledger.pastTraffic, ledger.connections]).toEqual([twice, 2])
  })

  it('know a peer that could never be reached by what was lost', () => {
    ledger.dropped({ reason: 'noConnection', peer })
    expect(ledger.find(peer)).toMatchObject({ connections: 0, drops: { noConnection: 1 } })
  })

  it('are forgotten, the oldest first, and never while the peer is connected; the sum is kept', () => {
    ledger.opened('kept@x', 1)
    for (let i = 0; i < 1_500; i++) {
      ledger.opened(`p${i}@x`, 1)
      ledger.closed(`p${i}@x`, once)
    }
    expect(ledger.size).toBe(1_001)
    expect([ledger.find('p499@x'), ledger.find('p500@x')?.connections]).toEqual([undefined, 1])
    expect(ledger.find('kept@x')?.connections).toBe(1)
    expect([ledger.pastTraffic.framesIn, ledger.connections]).toEqual([1_500, 1_501])
  })

  it('close without figures where none are known', () => {
    ledger.opened(peer, 1)
    ledger.closed(peer)
    expect(ledger.find(peer)?.past).toEqual(noTraffic)
  })
})
