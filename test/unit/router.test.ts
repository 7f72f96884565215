import { beforeEach, describe, expect, it } from 'vitest'
import { ErlangError } from '../../lib/errors.js'
import { Operation } from '../../lib/native/contract.js'
import { Call } from '../../lib/node/calls.js'
import { Identity } from '../../lib/node/identity.js'
import { parseNodeName } from '../../lib/node/node-name.js'
import { atom } from '../../lib/term/atom.js'
import { Pid } from '../../lib/term/pid.js'
import { Reference } from '../../lib/term/reference.js'
import type { Term } from '../../lib/term/term.js'
import { tuple } from '../../lib/term/tuple.js'
import { frameOf, RecordedRoute } from '../helpers/recorded-route.js'
import { identity, RoutedNode } from '../helpers/routed-node.js'

const peer = atom('shop@127.0.0.1')
const theirs = new Pid(peer, 9, 0, 3)
const reference = new Reference(peer, [1, 2, 3], 3)
const nobody = identity.nextPid()

let node: RoutedNode
let drops: RoutedNode['drops']
let undecoded: RoutedNode['undecoded']
let spawns: RoutedNode['unanswered']
let processes: RoutedNode['processes']
let route: RoutedNode['route']

beforeEach(() => {
  node = new RoutedNode(peer.name)
  ;({ drops, undecoded, unanswered: spawns, processes, route } = node)
})

/** A process that keeps its messages. */
function start(name?: string) {
  const messages: Term[] = []
  const process = node.start((message) => void messages.push(message))
  if (name !== undefined) processes.registry.register(name, process)
  return { process, messages }
}

function receive(operation: Operation, fields: readonly Term[], payload?: Term): void {
  node.receive(operation, fields, payload)
}

describe('a frame of nonsense', () => {
  it.each<[string, Operation, Term[]]>([
    ['a monitor of a number', Operation.Monitor, [theirs, 42, reference]],
    ['a monitor without a reference', Operation.Monitor, [theirs, nobody, 42]],
    ['a link to an atom', Operation.Link, [theirs, atom('x')]],
    ['an operation that is not ours to get', Operation.GroupLeader, [theirs, nobody]],
  ])('is counted, and its bytes are given back: %s', (_, operation, fields) => {
    receive(operation, fields)
    expect(drops).toMatchObject([{ reason: 'unsupported', peer: peer.name }])
    expect([route.consumedBytes, route.sent]).toEqual([10, []])
  })

  it.each<[string, Operation, (stranger: Pid) => Term[]]>([
    ['link', Operation.Link, (stranger) => [stranger, nobody]],
    ['exit', Operation.Exit, (stranger) => [stranger, nobody]],
    ['exit/2', Operation.Exit2, (stranger) => [stranger, nobody]],
    ['monitor', Operation.Monitor, (stranger) => [stranger, nobody, reference]],
    ['unlink', Operation.UnlinkId, (stranger) => [7, stranger, nobody]],
  ])('in the name of a process of another node is counted: %s', (_, operation, fields) => {
    receive(operation, fields(new Pid(atom('other@127.0.0.1'), 1, 0, 1)), atom('why'))
    expect(drops).toMatchObject([{ reason: 'forged' }])
    expect([route.consumedBytes, route.sent]).toEqual([10, []])
  })

  it('for an answer that nobody waits for is counted, unless it answers a cast', () => {
    receive(Operation.MonitorExit, [theirs, nobody, reference], atom('normal'))
    receive(Operation.AliasSend, [theirs, reference], 1)
    expect(drops.map(({ reason }) => reason)).toEqual(['lateAnswer', 'unknownAlias'])
    receive(Operation.SpawnReply, [reference, nobody, 0, theirs])
    expect([drops.length, route.consumedBytes]).toEqual([2, 30])
  })
})

describe('a message', () => {
  it('goes to a pid, to a name, or is counted', () => {
    const { process, messages } = start('true')
    receive(Operation.SendSender, [theirs, process.pid], 1)
    receive(Operation.Send, [process.pid], 2)
    receive(Operation.RegSend, [theirs, true], 3)
    expect(messages).toEqual([1, 2, 3])
    receive(Operation.SendSender, [theirs, nobody], 4)
    receive(Operation.RegSend, [theirs, atom('nobody')], 5)
    expect(drops.map(({ reason }) => reason)).toEqual(['unknownProcess', 'unknownName'])
    expect(route.consumedBytes).toBe(50)
  })

  it('to a pid of an earlier life of this node is counted', () => {
    const { process, messages } = start()
    const { node, id, serial, creation } = process.pid
    receive(Operation.Send, [new Pid(node, id, serial, creation - 1)], 1)
    expect([messages, drops[0]?.reason]).toEqual([[], 'unknownProcess'])
  })

  it('whose payload is bad is lost alone', () => {
    node.receiveBad(Operation.RegSend, [theirs, atom('x')], 'too deep')
    expect(undecoded).toEqual([{ peer: peer.name, from: theirs, message: 'too deep' }])
    expect(route.consumedBytes).toBe(10)
  })

  it('that cannot be decoded as its process wants it is lost alone', () => {
    const { process } = start()
    const frame = Object.assign(frameOf(Operation.Send, [process.pid], 1), {
      payload: () => {
        throw new ErlangError('ERR_ERL_DECODE', 'no')
      },
    })
    node.receiveFrame(frame)
    expect(undecoded).toEqual([{ peer: peer.name, message: 'no' }])
  })
})

/** A call that keeps what it hears. */
class HeardCall extends Call {
  readonly heard: string[] = []

  snapshot(): number {
    return 0
  }

  override spawnReply(): void {
    this.heard.push('spawn reply')
  }

  monitorExit(): void {
    this.heard.push('exit')
  }

  answer(): void {
    this.heard.push('answer')
  }

  protected send(): void {}
  protected withdraw(): void {}
}

describe('a call', () => {
  it('hears of spawns and ends from its peer alone, and answers from any', () => {
    const call = new HeardCall(node.calls, peer.name)
    node.calls.start(call, { timeoutMs: Number.POSITIVE_INFINITY, signal: undefined }, route)
    const other = new RecordedRoute('other@127.0.0.1')
    for (const from of [other, route]) {
      node.receive(Operation.SpawnReply, [call.reference, nobody, 0, theirs], undefined, from)
      node.receive(Operation.MonitorExit, [theirs, nobody, call.reference], 1, from)
      node.receive(Operation.AliasSend, [theirs, call.reference], 1, from)
    }
    expect(call.heard).toEqual(['answer', 'spawn reply', 'exit', 'answer'])
    expect(drops.map(({ reason }) => reason)).toEqual(['lateAnswer'])
  })
})

describe('a spawn request', () => {
  it('goes to the node above', () => {
    receive(Operation.SpawnRequest, [reference, theirs, theirs, tuple(), []], [])
    expect(spawns).toHaveLength(1)
  })

  it('with bad arguments is answered with an atom', () => {
    node.receiveBad(Operation.SpawnRequest, [reference, theirs, theirs, tuple(), []], 'bad')
    expect(route.sent).toEqual([
      { operation: Operation.SpawnReply, fields: [reference, theirs, 0, atom('badarg')] },
    ])
    expect([spawns, undecoded.length, route.consumedBytes]).toEqual([[], 1, 10])
  })
})

describe('a monitor', () => {
  it('of nobody is answered with noproc, by the name or pid it was for', () => {
    receive(Operation.Monitor, [theirs, nobody, reference])
    receive(Operation.Monitor, [theirs, atom('nobody'), reference])
    const answer = { operation: Operation.MonitorExit, payload: atom('noproc') }
    expect(route.sent).toEqual([
      { ...answer, fields: [nobody, theirs, reference] },
      { ...answer, fields: [atom('nobody'), theirs, reference] },
    ])
  })

  it('hears of the end, once, unless it was taken back', () => {
    const { process } = start('watched')
    const second = new Reference(peer, [4, 5, 6], 3)
    receive(Operation.Monitor, [theirs, process.pid, reference])
    receive(Operation.Monitor, [theirs, process.pid, reference])
    receive(Operation.Monitor, [theirs, atom('watched'), second])
    receive(Operation.Demonitor, [theirs, atom('watched'), second])
    process.end(atom('done'))
    process.end(atom('again'))
    expect(route.sent).toEqual([
      {
        operation: Operation.MonitorExit,
        fields: [process.pid, theirs, reference],
        payload: atom('done'),
      },
    ])
    expect(processes.registry.find('watched')).toBeUndefined()
  })

  it('hears js_error when the reason has no Erlang form', () => {
    const { process } = start()
    receive(Operation.Monitor, [theirs, process.pid, reference])
    process.end([() => 1] as unknown as Term)
    expect(route.sent).toMatchObject([{ payload: { length: 3, 0: atom('js_error') } }])
  })

  it('is forgotten with the route it came over', () => {
    const { process } = start()
    receive(Operation.Monitor, [theirs, process.pid, reference])
    processes.routeLost(route, 'gone')
    process.end(atom('done'))
    expect(route.sent).toEqual([])
  })
})

describe('a link', () => {
  it('to nobody is answered with noproc', () => {
    receive(Operation.Link, [theirs, nobody])
    expect(route.sent).toEqual([
      { operation: Operation.Exit, fields: [nobody, theirs], payload: atom('noproc') },
    ])
  })

  it('brings the end of either side to the other', () => {
    const { process } = start()
    receive(Operation.Link, [theirs, process.pid])
    process.end(atom('why'))
    expect(route.sent).toEqual([
      { operation: Operation.Exit, fields: [process.pid, theirs], payload: atom('why') },
    ])
    const other = start().process
    receive(Operation.Link, [theirs, other.pid])
    receive(Operation.Exit, [theirs, other.pid], atom('why'))
    expect(other.isAlive).toBe(false)
  })

  it('is always acknowledged when it is taken back, and then means nothing', () => {
    const { process } = start()
    receive(Operation.Link, [theirs, process.pid])
    receive(Operation.UnlinkId, [2n ** 64n - 1n, theirs, process.pid])
    receive(Operation.UnlinkId, [5, theirs, nobody])
    expect(route.sent).toEqual([
      { operation: Operation.UnlinkIdAck, fields: [2n ** 64n - 1n, process.pid, theirs] },
      { operation: Operation.UnlinkIdAck, fields: [5, nobody, theirs] },
    ])
    receive(Operation.Exit, [theirs, process.pid], atom('why'))
    expect(process.isAlive).toBe(true)
  })

  it('breaks with the route it came over, with noconnection', () => {
    const { process } = start()
    const { process: watched } = start()
    receive(Operation.Link, [theirs, process.pid])
    processes.routeLost(route, 'gone')
    expect([process.isAlive, watched.isAlive]).toEqual([false, true])
  })
})

describe('an exit signal', () => {
  it.each<[Term, boolean]>([
    [atom('normal'), true],
    [atom('kill'), false],
    [atom('because'), false],
  ])('%o leaves a process alive: %s', (reason, alive) => {
    const { process } = start()
    receive(Operation.Exit2, [theirs, process.pid], reason)
    expect(process.isAlive).toBe(alive)
  })

  it('kill is killed to those who watch', () => {
    const { process } = start()
    receive(Operation.Monitor, [theirs, process.pid, reference])
    receive(Operation.Exit2, [theirs, process.pid], atom('kill'))
    expect(route.sent).toMatchObject([{ payload: atom('killed') }])
  })
})

describe('pids and references', () => {
  it('are never given twice, and begin as those of ERTS do', () => {
    const fresh = new Identity(parseNodeName('name', 'fresh@127.0.0.1'))
    const pids = Array.from({ length: 40_000 }, () => fresh.nextPid())
    expect(new Set(pids.map(({ id, serial }) => `${id}.${serial}`)).size).toBe(40_000)
    expect(pids[0]).toMatchObject({ id: 1, serial: 0 })
    expect(pids[32_767]).toMatchObject({ id: 0, serial: 1 })
    expect(fresh.creation).toBeGreaterThanOrEqual(4)
    const one = fresh.nextReference()
    expect(fresh.referenceKey(one)).not.toBe(fresh.referenceKey(fresh.nextReference()))
    expect(fresh.referenceKey(reference)).toBe(0)
  })
})
