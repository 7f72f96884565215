import { atom, type ErlangNode, format, improper, type Pid, type Term, tuple } from 'beamlink'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { startAlone } from '../helpers/joined-nodes.js'
import { ReleasePeer, releases } from '../helpers/release-peer.js'
import { Arrivals } from '../helpers/waiting.js'

const sendSender = 0x80000n
const exitPayload = 0x400000n
const spawn = 1n << 32n
const alias = 8n << 32n
const altactSig = 1n << 37n

let node: ErlangNode
const messages = new Arrivals<Term>()
beforeAll(async () => {
  node = await startAlone()
  node.register('ear', (message) => messages.push(message))
  node.expose('maths', { double: (x) => (x as number) * 2 })
  node.serve('stock', { call: () => atom('seven') })
})
afterAll(() => node.stop())

let peer: ReleasePeer
afterEach(() => peer.stop())

/** Each role of each release. */
const meetings = releases.flatMap((release) => [
  ['dials us', release, ReleasePeer.dial] as const,
  ['is dialled', release, ReleasePeer.accept] as const,
])

describe.each(meetings)('a node that %s, as $name', (_, release, meet) => {
  it('agrees with us on what both know', async () => {
    peer = await meet(release, node)
    const wanted = sendSender | exitPayload | spawn | alias
    expect(peer.shared & wanted).toBe(wanted)
    expect((peer.shared & altactSig) !== 0n).toBe(release.aliasSend === 37)
  })

  it('sends us messages, and gets ours', async () => {
    peer = await meet(release, node)
    peer.say([6, peer.pid(), atom(''), atom('ear')], tuple(atom('hello'), 1) as Term)
    expect(format(await messages.next())).toBe('{hello,1}')
    await node.send({ name: 'logger', node: peer.name }, 'to a name')
    const named = await peer.hear(6)
    expect([format(named.control[3] as Term), String(named.payload)]).toEqual([
      'logger',
      'to a name',
    ])
    await node.send(peer.pid(7), 'to a pid')
    const sent = await peer.hear(22)
    expect([String(sent.control[2]), String(sent.payload)]).toEqual([
      String(peer.pid(7)),
      'to a pid',
    ])
  })

  it('calls functions of ours by erpc', async () => {
    peer = await meet(release, node)
    const reference = peer.reference()
    const entry = tuple(atom('erpc'), atom('execute_call'), 4)
    peer.say([29, reference, peer.pid(), peer.pid(), entry, [atom('monitor')]], [
      reference,
      atom('maths'),
      atom('double'),
      [21],
    ] as Term)
    const reply = await peer.hear(31)
    expect([String(reply.control[1]), reply.control[3]]).toEqual([String(reference), 2])
    const ended = await peer.hear(28)
    expect(format(ended.payload as Term)).toBe(`{${format(reference)},return,42}`)
  })

  it('is called by rpc', async () => {
    peer = await meet(release, node)
    const value = node.rpc(peer.name, 'orders', 'total', [7])
    const { control, payload } = await peer.hear(29)
    const [, reference, caller] = control
    const [tag, , , args] = payload as Term[]
    expect(args).toEqual([7])
    peer.say([31, reference, caller, 2, peer.pid(9)])
    peer.say([28, peer.pid(9), caller, reference], tuple(tag as Term, atom('return'), 99) as Term)
    expect(await value).toBe(99)
  })

  it('answers a call to the alias that it names', async () => {
    peer = await meet(release, node)
    const value = node.call({ name: 'server', node: peer.name }, atom('get'))
    const { payload } = await peer.hear(6)
    const [, [, tag]] = payload as unknown as [Term, [Pid, Term]]
    const { tail: reference } = tag as unknown as { tail: Term }
    const control =
      release.aliasSend === 37 ? [37, 4, peer.pid(), reference] : [33, peer.pid(), reference]
    peer.say(control, tuple(tag, atom('got')) as Term)
    expect(format(await value)).toBe('got')
  })

  it('gets the answer to its call at the alias that it named', async () => {
    peer = await meet(release, node)
    const reference = peer.reference()
    const tag = improper([atom('alias')], reference)
    const call = tuple(atom('$gen_call'), tuple(peer.pid(), tag), atom('get'))
    peer.say([6, peer.pid(), atom(''), atom('stock')], call as unknown as Term)
    const { control, payload } = await peer.hear(release.aliasSend)
    expect(String(control.at(-1))).toBe(String(reference))
    if (release.aliasSend === 37) expect(control[1]).toBe(4)
    expect(format(payload as Term)).toBe(`{${format(tag)},seven}`)
  })
})
