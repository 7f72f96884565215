import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Operation } from '../../lib/native/contract.js'
import type { Process } from '../../lib/node/process/process.js'
import { atom } from '../../lib/term/atom.js'
import { improper } from '../../lib/term/list.js'
import { Pid } from '../../lib/term/pid.js'
import { Reference } from '../../lib/term/reference.js'
import type { Term } from '../../lib/term/term.js'
import { tuple } from '../../lib/term/tuple.js'
import { identity, RoutedNode } from '../helpers/routed-node.js'

const peer = atom('shop@127.0.0.1')
const operations = [...Object.values(Operation), 5, 40, 99] as Operation[]

/** A node whose processes have links, monitors and aliases with one peer, ready to be lied to. */
function beleaguered() {
  const node = new RoutedNode(peer.name)
  const theirs = Array.from({ length: 3 }, (_, i) => new Pid(peer, i, 0, 3))
  const received: Term[] = []
  const processes = theirs.map(() => node.start((message) => received.push(message)))
  const references: Reference[] = []
  for (const [i, process] of processes.entries()) {
    process.trapExit = i === 1
    process.link(theirs[i] as Pid)
    references.push(process.monitor(theirs[0] as Pid), process.alias())
  }
  node.processes.registry.register('named', processes[2] as Process)
  return { node, theirs, processes, references }
}

type World = ReturnType<typeof beleaguered>

/** Things that stand in frames, by number, so that they fit the node that is being tried. */
function thing({ theirs, processes, references }: World, kind: number, which: number): Term {
  const stranger = new Pid(atom('other@127.0.0.1'), 1, 0, 1)
  const ours = processes[which % processes.length]?.pid ?? stranger
  switch (kind) {
    case 0:
      return theirs[which % theirs.length] ?? stranger
    case 1:
      return ours
    case 2:
      return references[which % references.length] ?? stranger
    case 3:
      return new Pid(ours.node, ours.id, ours.serial, ours.creation + which)
    case 4:
      return [stranger, identity.nextPid(), new Reference(peer, [which], 3), atom('named')][
        which % 4
      ] as Term
    default:
      return [which, BigInt(which), '', [], true, improper([1], 2), tuple(), -which][
        which % 8
      ] as Term
  }
}

const number = fc.nat({ max: 23 })
const field = fc.tuple(fc.nat({ max: 5 }), number)
const frame = fc.record({
  operation: fc.constantFrom(...operations),
  fields: fc.array(field, { minLength: 0, maxLength: 5 }),
  payload: field,
  isBad: fc.boolean(),
})

describe('frames of nonsense', () => {
  it('never throw, give back what they were charged with, and leave nothing behind', () => {
    fc.assert(
      fc.property(fc.array(frame, { minLength: 1, maxLength: 40 }), (frames) => {
        const world = beleaguered()
        const { node, processes } = world
        for (const { operation, fields, payload, isBad } of frames) {
          const terms = fields.map(([kind, which]) => thing(world, kind, which))
          if (isBad) node.receiveBad(operation, terms, 'nonsense')
          else node.receive(operation, terms, thing(world, ...payload))
        }
        node.route.isUp = false
        node.processes.routeLost(node.route, 'gone')
        for (const process of processes) process.end(atom('done'))
        const kept = node.unanswered.map(({ charge }) => charge)
        const given = node.route.consumedBytes + kept.reduce((sum, charge) => sum + charge, 0)
        expect(given).toBe(frames.length * 10)
        expect(node.processes.size).toBe(0)
        expect(processes.map(({ links, watchers }) => [links, watchers])).toEqual(
          processes.map(() => [undefined, undefined]),
        )
      }),
      { numRuns: 2_000 },
    )
  })

  it('acknowledge every unlink that comes from a process of the peer', () => {
    const { node, theirs, processes } = beleaguered()
    const before = node.route.sent.length
    const [from] = theirs as [Pid]
    const targets = [...processes.map(({ pid }) => pid), identity.nextPid()]
    for (const [i, to] of targets.entries()) node.receive(Operation.UnlinkId, [i + 1, from, to])
    expect(node.route.sent.slice(before)).toEqual(
      targets.map((to, i) => ({ operation: Operation.UnlinkIdAck, fields: [i + 1, to, from] })),
    )
  })
})
