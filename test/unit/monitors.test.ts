import { beforeEach, describe, expect, it } from 'vitest'
import { ErlangError } from '../../lib/errors.js'
import { Operation } from '../../lib/native/contract.js'
import type { Process } from '../../lib/node/process/process.js'
import type { Waiting } from '../../lib/node/route.js'
import { atom } from '../../lib/term/atom.js'
import { Pid } from '../../lib/term/pid.js'
import { Reference } from '../../lib/term/reference.js'
import type { Term } from '../../lib/term/term.js'
import { tuple } from '../../lib/term/tuple.js'
import { RecordedRoute } from '../helpers/recorded-route.js'
import { identity, RoutedNode } from '../helpers/routed-node.js'

const peer = atom('shop@127.0.0.1')
const theirs = new Pid(peer, 9, 0, 3)

let node: RoutedNode
let received: Term[]
let process: Process
function begin(peerFeatures = {}): void {
  node = new RoutedNode(peer.name, peerFeatures)
  received = []
  process = node.start((message) => received.push(message))
}
beforeEach(() => begin())

const sent = (operation: Operation, ...fields: unknown[]) => ({ operation, fields })
const down = (reference: Reference, object: unknown, reason: string) =>
  tuple(atom('DOWN'), reference, atom('process'), object as Term, atom(reason))
const later = () => new Promise(setImmediate)

describe('monitoring refuses', () => {
  it.each([[undefined], [42], [''], [{}], [{ name: 'x', node: 'y' }]])('%o', (bad) => {
    expect(() => process.monitor(bad as never)).toThrow()
    expect(node.route.sent).toEqual([])
  })

  it('references, both as what is monitored and where one is needed', () => {
    const reference = identity.nextReference()
    expect(() => process.monitor(reference as never)).toThrow('target must be a pid or a name')
    expect(() => process.demonitor(theirs as never)).toThrow('reference must be a reference')
    expect(() => process.unalias(theirs as never)).toThrow('reference must be a reference')
  })

  it('options that do not exist', () => {
    const reference = identity.nextReference()
    expect(() => process.demonitor(reference, { flash: true } as never)).toThrow(
      'unknown option "flash" of demonitor; did you mean "flush"?',
    )
    expect(() => process.demonitor(reference, { flush: 1 } as never)).toThrow(TypeError)
    expect(() => process.monitor(theirs, { alias: 'reply' } as never)).toThrow(
      "alias must be one of 'explicitUnalias', 'demonitor', 'replyDemonitor'",
    )
    expect(() => process.alias({ once: 'yes' } as never)).toThrow('once must be a boolean')
    expect(() => process.monitorNode('shop')).toThrow(RangeError)
    expect(() => process.monitorNode(peer, 1 as never)).toThrow('on must be a boolean')
  })

  it('a process that has ended', () => {
    process.exit()
    const closed = expect.objectContaining({ code: 'ERR_ERL_CLOSED' })
    expect(() => process.monitor(theirs)).toThrow(closed)
    expect(() => process.demonitor(identity.nextReference())).toThrow(closed)
    expect(() => process.monitorNode(peer)).toThrow(closed)
    expect(() => process.alias()).toThrow(closed)
    expect(() => process.register('x')).toThrow(closed)
  })
})

describe('a monitor', () => {
  it('brings one DOWN, with the pid or with name and node', () => {
    const byPid = process.monitor(theirs)
    const byName = process.monitor({ name: 'stock', node: peer })
    node.receive(Operation.MonitorExit, [theirs, process.pid, byPid], atom('boom'))
    node.receive(Operation.MonitorExit, [theirs, process.pid, byPid], atom('again'))
    node.receive(Operation.MonitorExit, [atom('stock'), process.pid, byName], atom('noproc'))
    expect(received).toEqual([
      down(byPid, theirs, 'boom'),
      down(byName, tuple(atom('stock'), peer), 'noproc'),
    ])
    expect(node.drops.map(({ reason }) => reason)).toEqual(['lateAnswer'])
  })

  it('that is taken back brings none', () => {
    const reference = process.monitor(theirs)
    expect(process.demonitor(reference)).toBe(true)
    expect(process.demonitor(reference)).toBe(false)
    node.receive(Operation.MonitorExit, [theirs, process.pid, reference], atom('boom'))
    expect(received).toEqual([])
    expect(node.route.sent).toEqual([
      sent(Operation.Monitor, process.pid, theirs, reference),
      sent(Operation.Demonitor, process.pid, theirs, reference),
    ])
  })

  it('cannot be taken back by another process', () => {
    const reference = process.monitor(theirs)
    expect(node.start(() => undefined).demonitor(reference)).toBe(false)
    node.receive(Operation.MonitorExit, [theirs, process.pid, reference], atom('boom'))
    expect(received).toHaveLength(1)
  })

  it('of a process that ends is taken back', () => {
    const reference = process.monitor(theirs)
    process.exit()
    expect(node.route.sent.at(-1)).toEqual(
      sent(Operation.Demonitor, process.pid, theirs, reference),
    )
  })

  it('of itself brings nothing', () => {
    process.monitor(process.pid)
    expect(node.route.sent).toEqual([])
  })

  it('of a C node, which knows none, says notsup and sends nothing', async () => {
    begin({ monitors: false })
    const reference = process.monitor(theirs)
    expect(received).toEqual([])
    await later()
    expect(received).toEqual([down(reference, theirs, 'notsup')])
    process.demonitor(process.monitor(theirs))
    await later()
    expect([received.length, node.route.sent]).toEqual([1, []])
  })

  it('of a process of an earlier life of its node says noproc', async () => {
    node.route.creation = 4
    const reference = process.monitor(theirs)
    await later()
    expect([received, node.route.sent]).toEqual([[down(reference, theirs, 'noproc')], []])
  })

  it('over a lost connection says noconnection', () => {
    const reference = process.monitor(theirs)
    node.processes.routeLost(node.route, 'gone')
    node.processes.routeLost(node.route, 'gone')
    expect(received).toEqual([down(reference, theirs, 'noconnection')])
  })

  it('waits for the connection, and says noconnection when there is none', () => {
    const waiting: Waiting[] = []
    node.route.isUp = false
    node.route.whenUp = (entry) => void waiting.push(entry)
    const [first, second] = [process.monitor(theirs), process.monitor(theirs)]
    process.demonitor(second)
    expect(node.route.sent).toEqual([])
    for (const entry of waiting) entry.routeFailed(new ErlangError('ERR_ERL_NO_EPMD', 'no'))
    expect(received).toEqual([down(first, theirs, 'noconnection')])
    const third = process.monitor(theirs)
    node.route.isUp = true
    for (const entry of waiting) entry.routeUp(node.route)
    expect(node.route.sent).toEqual([sent(Operation.Monitor, process.pid, theirs, third)])
  })

  it('hears of an end whose reason cannot be read', () => {
    const reference = process.monitor(theirs)
    node.receiveBad(Operation.MonitorExit, [theirs, process.pid, reference], 'too deep')
    const reason = tuple(atom('unreadable'), Buffer.from('too deep'))
    expect(received).toEqual([tuple(atom('DOWN'), reference, atom('process'), theirs, reason)])
    expect(node.route.consumedBytes).toBe(10)
  })

  it('is not answered by a peer that was not asked', () => {
    const reference = process.monitor(theirs)
    const other = new RecordedRoute('other@127.0.0.1')
    node.receive(Operation.MonitorExit, [theirs, process.pid, reference], atom('boom'), other)
    expect([received, node.drops.map(({ reason }) => reason)]).toEqual([[], ['lateAnswer']])
  })
})

describe('demonitor with flush', () => {
  it('takes a DOWN that has come out of the queue, and only that', async () => {
    let finish: () => void = () => undefined
    const handled: Term[] = []
    const busy = node.start((message) => {
      handled.push(message)
      return new Promise<void>((resolve) => {
        finish = resolve
      })
    })
    const [first, second] = [busy.monitor(theirs), busy.monitor(theirs)]
    node.receive(Operation.Send, [busy.pid], 1)
    for (const reference of [first, second]) {
      node.receive(Operation.MonitorExit, [theirs, busy.pid, reference], atom('boom'))
    }
    node.receive(Operation.Send, [busy.pid], 2)
    expect(busy.demonitor(first, { flush: true })).toBe(false)
    for (let i = 0; i < 3; i += 1) {
      finish()
      await later()
    }
    expect(handled).toEqual([1, down(second, theirs, 'boom'), 2])
    expect(node.route.consumedBytes).toBe(40)
  })

  it('gives back the bytes of what a peer has put there for a DOWN', () => {
    const gate = new Promise(() => undefined)
    const busy = node.start(() => gate)
    const reference = busy.monitor(theirs)
    busy.demonitor(reference)
    node.receive(Operation.Send, [busy.pid], atom('work'))
    node.receive(Operation.Send, [busy.pid], down(reference, theirs, 'forged'))
    expect(node.route.consumedBytes).toBe(0)
    busy.demonitor(reference, { flush: true })
    expect(node.route.consumedBytes).toBe(10)
  })
})

describe('the monitor of a node', () => {
  it('brings as many messages as were asked for and not taken back', () => {
    process.monitorNode(peer)
    process.monitorNode(peer.name)
    process.monitorNode(peer, true)
    process.monitorNode(peer, false)
    node.processes.routeLost(node.route, 'gone')
    node.processes.routeLost(node.route, 'gone')
    const nodedown = tuple(atom('nodedown'), peer)
    expect(received).toEqual([nodedown, nodedown])
  })

  it('of a process that has ended brings none', () => {
    process.monitorNode(peer)
    process.exit()
    node.processes.routeLost(node.route, 'gone')
    expect(received).toEqual([])
  })

  it('calls a function once, with the reason, unless it is taken back', () => {
    const told: string[] = []
    const { nodeMonitors } = node.processes
    nodeMonitors.watch(peer.name, (reason) => told.push(reason))
    const takeBack = nodeMonitors.watch(peer.name, (reason) => told.push(`not ${reason}`))
    takeBack()
    takeBack()
    node.processes.routeLost(node.route, 'gone')
    node.processes.routeLost(node.route, 'gone again')
    expect(told).toEqual(['gone'])
  })

  it('that cannot be connected to says so', () => {
    const waiting: Waiting[] = []
    node.route.isUp = false
    node.route.whenUp = (entry) => void waiting.push(entry)
    process.monitorNode(peer)
    for (const entry of waiting) entry.routeFailed(new ErlangError('ERR_ERL_NO_EPMD', 'no'))
    expect(received).toEqual([tuple(atom('nodedown'), peer)])
  })
})

describe('an alias', () => {
  const message = (alias: Reference) => node.receive(Operation.AliasSend, [theirs, alias], 1)

  it('stands for its process until it is taken back', () => {
    const alias = process.alias()
    message(alias)
    expect(node.start(() => undefined).unalias(alias)).toBe(false)
    expect(process.unalias(alias)).toBe(true)
    expect(process.unalias(alias)).toBe(false)
    message(alias)
    expect([received, node.drops.map(({ reason }) => reason)]).toEqual([[1], ['unknownAlias']])
    expect(node.route.consumedBytes).toBe(20)
  })

  it('takes one message with once, and none when the process has ended', () => {
    const once = process.alias({ once: true })
    const other = process.alias()
    message(once)
    message(once)
    process.exit()
    message(other)
    expect([received, node.drops.length]).toEqual([[1], 2])
  })

  it('may be the reference of a monitor, and ends as it is told to', () => {
    const [until, withIt, atOnce] = (
      ['explicitUnalias', 'demonitor', 'replyDemonitor'] as const
    ).map((alias) => process.monitor(theirs, { alias })) as [Reference, Reference, Reference]
    for (const alias of [until, withIt, atOnce, atOnce]) message(alias)
    expect([received, node.drops.length]).toEqual([[1, 1, 1], 1])
    expect(node.route.sent.at(-1)).toEqual(sent(Operation.Demonitor, process.pid, theirs, atOnce))
    expect([until, withIt, atOnce].map((each) => process.demonitor(each))).toEqual([
      true,
      true,
      false,
    ])
    for (const alias of [until, withIt]) message(alias)
    expect([received.length, node.drops.length]).toEqual([4, 2])
    expect(process.unalias(until)).toBe(true)
  })

  it('that ends with its monitor ends when DOWN has come', () => {
    const alias = process.monitor(theirs, { alias: 'demonitor' })
    node.receive(Operation.MonitorExit, [theirs, process.pid, alias], atom('boom'))
    message(alias)
    expect([received, node.drops.length]).toEqual([[down(alias, theirs, 'boom')], 1])
  })

  it('of another life of this node is nobody', () => {
    const { node: own, words, creation } = process.alias()
    message(new Reference(own, words, creation + 1))
    expect([received, node.drops.length]).toEqual([[], 1])
  })
})

describe('monitors of a peer whose references look alike', () => {
  const words = [5, 1, 2]
  const alike = [
    new Reference(peer, words, 3),
    new Reference(peer, words, 4),
    new Reference(peer, [...words, 9, 9], 3),
  ]
  const [first, second, third] = alike as [Reference, Reference, Reference]

  const told = () => node.route.sent.map(({ operation, fields }) => [operation, fields[2]])
  const monitorAll = () => {
    for (const reference of alike) {
      node.receive(Operation.Monitor, [theirs, process.pid, reference])
    }
  }

  it('are each told of the end, in the order in which they came', () => {
    monitorAll()
    process.exit()
    expect(told()).toEqual(alike.map((reference) => [Operation.MonitorExit, reference]))
  })

  it.each([
    [[first], [second, third]],
    [[second], [first, third]],
    [[third], [first, second]],
    [[third, first], [second]],
    [[second, first, third], []],
  ])('are taken back one by one: %o', (back, left) => {
    monitorAll()
    for (const reference of back) {
      node.receive(Operation.Demonitor, [theirs, process.pid, reference])
    }
    process.exit()
    expect(told()).toEqual(left.map((reference) => [Operation.MonitorExit, reference]))
  })

  it('are all gone with the connection', () => {
    monitorAll()
    node.processes.routeLost(node.route, 'gone')
    process.exit()
    expect([told(), process.watchers]).toEqual([[], undefined])
  })
})
