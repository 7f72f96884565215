import { setImmediate as turn } from 'node:timers/promises'
import type { ErlangNode } from 'beamlink'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Drops } from '../../lib/node/drops.js'
import { Observer } from '../../lib/node/observe/observer.js'
import { Ledger } from '../../lib/node/peer/ledger.js'
import { PeerTable } from '../../lib/node/peer/peer-table.js'
import { Seekers } from '../../lib/node/process/seekers.js'
import { ErlNode } from '../helpers/erl-node.js'
import { startBeside } from '../helpers/local-node.js'

function collect(): void {
  if (global.gc === undefined) throw new Error('these tests need --expose-gc')
  global.gc()
}

/** Turns of the loop and collections, until `holds` or `rounds` of them. */
async function collectUntil(holds: () => boolean, rounds = 100): Promise<void> {
  for (let round = 0; round < rounds && !holds(); round += 1) {
    await turn()
    collect()
  }
}

describe('a node that has stopped', () => {
  let erl: ErlNode
  beforeAll(async () => {
    erl = await ErlNode.start()
  })
  afterAll(() => erl.stop())

  /** A life in which everything is used once. */
  const live = async (): Promise<WeakRef<ErlangNode>> => {
    const node = await startBeside(erl, { reconnect: { keep: ['nobody@127.0.0.1'] } })
    node.register('here', () => undefined)
    node.expose('module', { echo: (term) => term })
    const self = node.spawn()
    await node.ping(erl.name)
    await self.send('here', 1)
    self.monitor({ name: 'observer', node: erl.name })
    self.link(node.spawn().pid)
    void node.rpc(erl.name, 'timer', 'sleep', [60_000]).catch(() => undefined)
    void node.connect('nobody@127.0.0.1', { whenDown: 'wait' }).catch(() => undefined)
    await node.stop()
    return new WeakRef(node)
  }

  it('is collected when nobody has it any more', async () => {
    const nodes: WeakRef<ErlangNode>[] = []
    for (let count = 0; count < 10; count += 1) nodes.push(await live())
    const alive = () => nodes.filter((node) => node.deref() !== undefined).length
    // The last one may still be in a register or on the stack.
    await collectUntil(() => alive() <= 1)
    expect(alive()).toBeLessThanOrEqual(1)
  })

  it('leaves no memory behind', async () => {
    const used = async () => {
      for (let count = 0; count < 15; count += 1) await live()
      await collectUntil(() => false, 5)
      const { heapUsed, external } = process.memoryUsage()
      return heapUsed + external
    }
    await used()
    const before = await used()
    expect((await used()) - before).toBeLessThan(15 * 20 * 1024)
  })
})

describe('names of peers', () => {
  it('are let go of when nobody has the peer and nothing waits for it', async () => {
    const table = new PeerTable({
      maxQueuedBytes: 1,
      whenBusy: 'wait',
      drops: new Drops(() => undefined),
      ledger: new Ledger(),
      observer: new Observer('us@127.0.0.1', 'secret', (run) => run()),
      seekers: new Seekers(),
      dial: () => undefined,
      settle: () => undefined,
      overflowed: () => undefined,
    })
    const kept = table.get('kept@127.0.0.1')
    const dialling = table.get('dialling@127.0.0.1')
    dialling.isDialling = true
    table.settle(dialling)
    for (let count = 0; count < 10_000; count += 1) table.get(`passing${count}@127.0.0.1`)
    await collectUntil(() => table.size <= 3)
    expect(table.size).toBeLessThanOrEqual(3)
    expect(table.get('kept@127.0.0.1')).toBe(kept)
    expect([...table.inUse]).toEqual([dialling])
    dialling.isDialling = false
    table.settle(dialling)
    expect([...table.inUse]).toEqual([])
    expect(table.get('dialling@127.0.0.1')).toBe(dialling)
  })
})
