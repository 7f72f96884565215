import { beforeEach, describe, expect, it } from 'vitest'
import { ErlangError } from '../../lib/errors.js'
import { Operation } from '../../lib/native/contract.js'
import type { Process } from '../../lib/node/process/process.js'
import type { Route, Waiting } from '../../lib/node/route.js'
import { atom } from '../../lib/term/atom.js'
import { Pid } from '../../lib/term/pid.js'
import type { Term } from '../../lib/term/term.js'
import { tuple } from '../../lib/term/tuple.js'
import { RoutedNode } from '../helpers/routed-node.js'

const peer = atom('shop@127.0.0.1')
const theirs = new Pid(peer, 9, 0, 3)

let node: RoutedNode
let received: Term[]
let process: Process
beforeEach(() => {
  node = new RoutedNode(peer.name)
  received = []
  process = node.start((message) => received.push(message))
})

const sent = (operation: Operation, ...fields: unknown[]) => ({ operation, fields })

describe('an unlink', () => {
  it('is acknowledged by its number before exits count again', () => {
    process.link(theirs)
    process.unlink(theirs)
    process.unlink(theirs)
    expect(node.route.sent).toEqual([
      sent(Operation.Link, process.pid, theirs),
      sent(Operation.UnlinkId, 1, process.pid, theirs),
    ])
    node.receive(Operation.Exit, [theirs, process.pid], atom('boom'))
    node.receive(Operation.UnlinkIdAck, [7, theirs, process.pid])
    node.receive(Operation.Link, [theirs, process.pid])
    node.receive(Operation.Exit, [theirs, process.pid], atom('boom'))
    expect(process.isAlive).toBe(true)
    node.receive(Operation.UnlinkIdAck, [1, theirs, process.pid])
    node.receive(Operation.Link, [theirs, process.pid])
    node.receive(Operation.Exit, [theirs, process.pid], atom('boom'))
    expect(process.isAlive).toBe(false)
  })

  it('is void when the link is wanted again, and so is its acknowledgement', () => {
    process.link(theirs)
    process.unlink(theirs)
    process.link(theirs)
    node.receive(Operation.UnlinkIdAck, [1, theirs, process.pid])
    expect(node.route.sent.map(({ operation }) => operation)).toEqual([
      Operation.Link,
      Operation.UnlinkId,
      Operation.Link,
    ])
    node.receive(Operation.Exit, [theirs, process.pid], atom('boom'))
    expect(process.isAlive).toBe(false)
  })

  it('from the other side does not end one of ours that is pending', () => {
    process.link(theirs)
    process.unlink(theirs)
    node.receive(Operation.UnlinkId, [5, theirs, process.pid])
    expect(node.route.sent.at(-1)).toEqual(sent(Operation.UnlinkIdAck, 5, process.pid, theirs))
    process.link(theirs)
    expect(node.route.sent.at(-1)).toEqual(sent(Operation.Link, process.pid, theirs))
  })

  it('of a peer that does not acknowledge is over at once', () => {
    node = new RoutedNode(peer.name, { unlinkIds: false })
    process = node.start((message) => received.push(message))
    process.link(theirs)
    process.unlink(theirs)
    node.receive(Operation.Link, [theirs, process.pid])
    node.receive(Operation.Exit, [theirs, process.pid], atom('boom'))
    expect(process.isAlive).toBe(false)
  })

  it('without a link sends nothing', () => {
    process.unlink(theirs)
    expect(node.route.sent).toEqual([])
  })

  it('that is pending when the process ends leaves nobody to be told', () => {
    process.link(theirs)
    process.unlink(theirs)
    process.exit(atom('boom'))
    expect(node.route.sent).toHaveLength(2)
  })

  it('that is pending when the connection is lost brings no exit', () => {
    process.trapExit = true
    process.link(theirs)
    process.unlink(theirs)
    node.processes.routeLost(node.route, 'gone')
    expect([received, process.isAlive]).toEqual([[], true])
  })
})

describe('a link', () => {
  it('is made once, and told of once', () => {
    process.link(theirs)
    process.link(theirs)
    process.exit(atom('boom'))
    expect(node.route.sent).toEqual([
      sent(Operation.Link, process.pid, theirs),
      { ...sent(Operation.Exit, process.pid, theirs), payload: atom('boom') },
    ])
  })

  it('may be one of many of a process', () => {
    const others = Array.from({ length: 5 }, (_, i) => new Pid(peer, i, 1, 3))
    process.trapExit = true
    for (const other of others) process.link(other)
    for (const other of others.slice(0, 3)) {
      node.receive(Operation.Exit, [other, process.pid], atom('boom'))
      node.receive(Operation.Exit, [other, process.pid], atom('again'))
    }
    expect(received).toEqual(
      others.slice(0, 3).map((other) => tuple(atom('EXIT'), other, atom('boom'))),
    )
    process.exit()
    expect(node.route.sent.slice(5).map(({ fields }) => fields[1])).toEqual(others.slice(3))
  })

  it('of a lost connection that ends its process tells nobody there', () => {
    const second = new Pid(peer, 10, 0, 3)
    process.link(theirs)
    process.link(second)
    node.route.isUp = false
    node.processes.routeLost(node.route, 'gone')
    expect([process.isAlive, node.route.sent.length]).toEqual([false, 2])
  })
})

describe('a link to a peer that is not connected', () => {
  let waiting: Waiting[]
  beforeEach(() => {
    waiting = []
    node.route.isUp = false
    node.route.whenUp = (entry) => void waiting.push(entry)
  })

  function routeUp(route: Route = node.route): void {
    node.route.isUp = true
    for (const entry of waiting) entry.routeUp(route)
  }

  it('is made when that is', () => {
    process.link(theirs)
    routeUp()
    expect(node.route.sent).toEqual([sent(Operation.Link, process.pid, theirs)])
  })

  it('is not made when it has been taken back, or the process has ended', () => {
    process.link(theirs)
    process.unlink(theirs)
    const other = node.start(() => undefined)
    other.link(theirs)
    other.exit()
    routeUp()
    expect(node.route.sent.filter(({ operation }) => operation === Operation.Link)).toEqual([])
  })

  it('is made once when it was taken back and is wanted again', () => {
    process.link(theirs)
    process.unlink(theirs)
    process.link(theirs)
    routeUp()
    const links = node.route.sent.filter(({ operation }) => operation === Operation.Link)
    expect(links).toHaveLength(1)
  })

  it('breaks when that fails', () => {
    process.trapExit = true
    process.link(theirs)
    for (const entry of waiting) entry.routeFailed(new ErlangError('ERR_ERL_NO_EPMD', 'no'))
    expect(received).toEqual([tuple(atom('EXIT'), theirs, atom('noconnection'))])
  })

  it('breaks with noproc when another life of the node comes up', async () => {
    node.route.creation = 4
    process.link(theirs)
    routeUp()
    await new Promise(setImmediate)
    expect([process.isAlive, node.route.sent]).toEqual([false, []])
  })
})

describe('an exit through a link', () => {
  it('with a reason that cannot be read is an exit all the same', () => {
    process.trapExit = true
    process.link(theirs)
    node.receiveBad(Operation.Exit, [theirs, process.pid], 'too deep')
    node.receiveBad(Operation.Exit2, [theirs, process.pid], 'too deep')
    const reason = tuple(atom('unreadable'), Buffer.from('too deep'))
    const exit = tuple(atom('EXIT'), theirs, reason)
    expect(received).toEqual([exit, exit])
    const undecoded = { peer: peer.name, from: theirs, message: 'too deep' }
    expect([node.undecoded, node.route.consumedBytes]).toEqual([[undecoded, undecoded], 20])
  })

  it('counts only over the connection that carries the link', () => {
    node.receive(Operation.Link, [theirs, process.pid])
    node.receive(Operation.Exit, [new Pid(atom('other@h.x'), 9, 0, 3), process.pid], atom('boom'))
    node.receive(Operation.Exit, [new Pid(peer, 9, 0, 4), process.pid], atom('boom'))
    expect(process.isAlive).toBe(true)
    expect(node.drops.map(({ reason }) => reason)).toEqual(['forged'])
  })

  it('of a process that traps waits behind the message that is being handled', async () => {
    let finish: () => void = () => undefined
    const order: Term[] = []
    const busy = node.start((message) => {
      order.push(message)
      return new Promise<void>((resolve) => {
        finish = resolve
      })
    })
    busy.trapExit = true
    node.receive(Operation.Send, [busy.pid], 1)
    node.receive(Operation.Exit2, [theirs, busy.pid], atom('boom'))
    expect(order).toEqual([1])
    finish()
    await new Promise(setImmediate)
    expect(order).toEqual([1, tuple(atom('EXIT'), theirs, atom('boom'))])
  })
})
