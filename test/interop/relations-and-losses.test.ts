import { atom, type ErlangNode, format, type Pid, type Process, type Term, tuple } from 'beamlink'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { ErlNode } from '../helpers/erl-node.js'
import { startBeside } from '../helpers/local-node.js'
import { uniqueAlive, uniqueName } from '../helpers/names.js'
import { deferred, withDeadline } from '../helpers/waiting.js'

let erl: ErlNode
let node: ErlangNode
let [one, two]: Pid[] = []
beforeAll(async () => {
  erl = await ErlNode.start()
  node = await startBeside(erl)
})
afterAll(async () => {
  await node.stop()
  await erl.stop()
})
beforeEach(async () => {
  const living = () => node.spawnAt(erl.name, 'timer', 'sleep', [atom('infinity')])
  one = await living()
  two = await living()
})

/** A process whose first message runs `first`, and all that it got. */
function taker(first: (self: Process) => void): { self: Process; got: Term[] } {
  const got: Term[] = []
  const self = node.register(uniqueAlive('taker'), (message) => {
    got.push(message)
    if (got.length === 1) first(self)
  })
  self.trapExit = true
  return { self, got }
}

/** Loses the connection, and is back when a new one has answered. */
async function reconnect(): Promise<void> {
  await node.disconnect(erl.name)
  expect(await node.ping(erl.name)).toBe(true)
}

describe('whoever hears of a lost connection', () => {
  it('can take back its other monitors', async () => {
    let others: (boolean | undefined)[] = []
    const { self, got } = taker(() => {
      others = references.map((reference) => self.demonitor(reference, { flush: true }))
    })
    const references = [self.monitor(one as Pid), self.monitor(two as Pid)]
    await reconnect()
    expect(got).toHaveLength(1)
    expect(others).toEqual([false, true])
  })

  it('can take back its other links', async () => {
    const { self, got } = taker(() => {
      self.unlink(one as Pid)
      self.unlink(two as Pid)
    })
    self.link(one as Pid)
    self.link(two as Pid)
    await reconnect()
    expect(got.map(format)).toEqual([`{'EXIT',${one},noconnection}`])
  })

  it('can take back what else tells that the node is gone', async () => {
    const told: string[] = []
    const takeBack: (() => void)[] = []
    for (const name of ['first', 'second']) {
      const lost = () => {
        told.push(name)
        for (const take of takeBack) take()
      }
      takeBack.push(node.monitorNode(erl.name, lost))
    }
    await reconnect()
    expect(told).toEqual(['first'])
  })

  it('can monitor again, over the next connection', async () => {
    const again = deferred<Term>()
    const { self, got } = taker(() => again.resolve(self.monitor({ name: 'rex', node: erl.name })))
    self.link(one as Pid)
    await node.disconnect(erl.name)
    const reference = await withDeadline(again.promise, 'the new monitor')
    // Connects, and is answered behind whatever the monitor brings.
    expect(await node.ping(erl.name)).toBe(true)
    expect(got).toHaveLength(1)
    expect(self.demonitor(reference as never)).toBe(true)
  })
})

describe('what is asked for while a connection is being lost', () => {
  it('waits for the next one', async () => {
    const { self, got } = taker(() => undefined)
    const lost = node.disconnect(erl.name)
    const reference = self.monitor({ name: 'rex', node: erl.name })
    self.link(one as Pid)
    self.monitorNode(erl.name)
    const told: string[] = []
    const take = node.monitorNode(erl.name, (reason) => told.push(reason))
    await lost
    expect(await node.ping(erl.name)).toBe(true)
    expect([got, told]).toEqual([[], []])
    // They hold: this time all of them are told.
    await node.disconnect(erl.name)
    expect(got.map(format).toSorted()).toEqual(
      [
        format(
          tuple(
            atom('DOWN'),
            reference,
            atom('process'),
            tuple(atom('rex'), atom(erl.name)),
            atom('noconnection'),
          ),
        ),
        `{'EXIT',${one},noconnection}`,
        `{nodedown,'${erl.name}'}`,
      ].toSorted(),
    )
    expect(told).toHaveLength(1)
    take()
  })
})

describe('monitors of a node that cannot be reached', () => {
  it('are told once for each, also when they ask again at once', async () => {
    const nowhere = uniqueName('nowhere')
    const enough = deferred<void>()
    let [told, early] = [0, 0]
    const ask = () => {
      // To find out takes longer than a turn of the loop.
      let isFresh = true
      setImmediate(() => {
        isFresh = false
      })
      node.monitorNode(nowhere, () => {
        told += 1
        if (isFresh) early += 1
        if (told < 50) ask()
        else enough.resolve()
      })
    }
    ask()
    ask()
    await withDeadline(enough.promise, 'fifty answers')
    expect(early).toBe(0)
  })
})
