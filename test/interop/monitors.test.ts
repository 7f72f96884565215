import { atom, type ErlangNode, Pid, tuple } from 'beamlink'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ErlNode } from '../helpers/erl-node.js'
import { startBeside } from '../helpers/local-node.js'
import { pairOf } from '../helpers/pair.js'
import { deferred, withDeadline } from '../helpers/waiting.js'

let erl: ErlNode
let node: ErlangNode
beforeAll(async () => {
  erl = await ErlNode.start()
  node = await startBeside(erl)
})
afterAll(async () => {
  await node.stop()
  await erl.stop()
})

/** One more node of Erlang, for those that are to die. */
function another(): Promise<ErlNode> {
  return ErlNode.start({ epmdPort: erl.epmdPort, cookie: erl.cookie })
}

const [down, process] = [atom('DOWN'), atom('process')]

describe('a monitor of JavaScript', () => {
  it.each(['normal', 'boom', '{shutdown, 1.5}'])('brings the reason %s', async (reason) => {
    const { self, theirs, exit, next } = await pairOf(node, erl)
    self.monitor(theirs)
    await exit(reason)
    const expected = `,process,${theirs},${reason.replace(', ', ',')}}`
    expect((await next()).endsWith(expected)).toBe(true)
  })

  it('by name brings the name and the node', async () => {
    const { self, run, exit } = await pairOf(node, erl)
    await run('register(monitored, self())')
    const reference = self.monitor({ name: 'monitored', node: erl.name })
    await exit('boom')
    const object = tuple(atom('monitored'), atom(erl.name))
    expect(await self.receive()).toEqual(tuple(down, reference, process, object, atom('boom')))
  })

  it('of nobody brings noproc, by pid, by name and by an earlier life of the node', async () => {
    const { self, theirs } = await pairOf(node, erl)
    const { node: there, id, serial, creation } = theirs
    const dead = new Pid(there, id, serial + 1_000, creation)
    const earlier = new Pid(there, id, serial, creation - 1)
    const name = { name: 'no_such_name', node: erl.name }
    for (const target of [dead, earlier, name]) {
      const reference = self.monitor(target)
      const object = 'name' in target ? tuple(atom(target.name), there) : target
      expect(await self.receive()).toEqual(tuple(down, reference, process, object, atom('noproc')))
    }
  })

  it('that is taken back brings nothing', async () => {
    const { self, theirs, exit, synced } = await pairOf(node, erl)
    const [first, second] = [self.monitor(theirs), self.monitor(theirs)]
    expect(self.demonitor(first)).toBe(true)
    await synced()
    await exit('boom')
    expect(await self.receive()).toEqual(tuple(down, second, process, theirs, atom('boom')))
    expect(self.demonitor(second)).toBe(false)
    expect(self.queueLength).toBe(0)
  })

  it('can be flushed when its message has come, and leaves the others', async () => {
    const { self, theirs, exit, synced } = await pairOf(node, erl)
    const [first, second] = [self.monitor(theirs), self.monitor(theirs)]
    await synced()
    await exit('boom')
    const probe = node.spawn()
    probe.monitor(theirs)
    await probe.receive()
    expect(self.queueLength).toBe(2)
    expect(self.demonitor(first, { flush: true })).toBe(false)
    expect(await self.receive()).toMatchObject({ 1: second })
    expect(self.queueLength).toBe(0)
  })

  it('brings noconnection when the node is killed, and when there is none', async () => {
    const peer = await another()
    const { self, theirs } = await pairOf(node, peer)
    const references = [self.monitor(theirs), self.monitor({ name: 'init', node: peer.name })]
    const far = { name: 'init', node: 'nobody@127.0.0.1' }
    const unreachable = self.monitor(far)
    const farObject = tuple(atom('init'), atom(far.node))
    expect(await self.receive()).toEqual(
      tuple(down, unreachable, process, farObject, atom('noconnection')),
    )
    const synced = node.rpc(peer.name, 'erlang', 'node', [])
    await synced
    peer.signal('SIGKILL')
    for (const reference of references) {
      expect(await self.receive()).toMatchObject({ 1: reference, 4: atom('noconnection') })
    }
    await peer.stop()
  })

  it('sees a peer that restarts as another: old pids are dead, messages to them are lost', async () => {
    const name = `again_${globalThis.process.pid}@127.0.0.1`
    const first = await ErlNode.start({ name, epmdPort: erl.epmdPort, cookie: erl.cookie })
    const { self, theirs } = await pairOf(node, first)
    const lost = deferred<void>()
    node.monitorNode(name, () => lost.resolve())
    first.signal('SIGKILL')
    await withDeadline(lost.promise, 'the peer to be gone')
    await first.stop()
    const second = await ErlNode.start({ name, epmdPort: erl.epmdPort, cookie: erl.cookie })
    try {
      await node.connect(name)
      const before = node.stats().drops.unknownProcess
      await self.send(theirs, 'lost')
      expect(node.stats().drops.unknownProcess).toBe(before + 1)
      const reference = self.monitor(theirs)
      expect(await self.receive()).toEqual(tuple(down, reference, process, theirs, atom('noproc')))
    } finally {
      await second.stop()
    }
  })
})

describe('a monitor of Erlang', () => {
  it.each([
    ['by pid', 'Js', '<[\\d.]+>'],
    ['by name', `{Name, Node}`, `{paired_\\d+,'js_[^']+'}`],
  ])('brings the reason, %s', async (_, target, object) => {
    const { self, run, nextThere } = await pairOf(node, erl)
    await run(`Name = ${self.name}, Node = '${node.name}', monitor(process, ${target}), Js ! ok`)
    await self.receive()
    self.exit(tuple(atom('why'), 1))
    expect(await nextThere()).toMatch(
      new RegExp(`^{'DOWN',#Ref<[\\d.]+>,process,${object},{why,1}}$`),
    )
  })

  it('of nobody brings noproc', async () => {
    const { self, run, nextThere } = await pairOf(node, erl)
    self.exit()
    await run(`monitor(process, Js), monitor(process, {nobody, '${node.name}'}), ok`)
    expect(await nextThere()).toMatch(/,process,<[\d.]+>,noproc}$/)
    expect(await nextThere()).toMatch(/,process,{nobody,'js_[^']+'},noproc}$/)
  })

  it('that is taken back brings nothing', async () => {
    const { self, run } = await pairOf(node, erl)
    await run('R = monitor(process, Js), demonitor(R), Js ! ok')
    await self.receive()
    self.exit(atom('boom'))
    await run('R = monitor(process, Js), receive {_, R, _, _, noproc} -> ok end')
    expect(await run('receive M -> M after 0 -> nothing end')).toBe('nothing')
  })

  it('brings noconnection when we are gone', async () => {
    const other = await startBeside(erl)
    const { self, run, nextThere } = await pairOf(other, erl)
    await run(`monitor(process, Js), erlang:monitor_node('${other.name}', true), Js ! ok`)
    await self.receive()
    await other.disconnect(erl.name)
    const both = [await nextThere(), await nextThere()].sort()
    expect(both[0]).toMatch(/^{'DOWN',.*,noconnection}$/)
    expect(both[1]).toBe(`{nodedown,'${other.name}'}`)
    await other.stop()
  })

  it('brings shutdown when we stop', async () => {
    const other = await startBeside(erl)
    const { self, run, nextThere } = await pairOf(other, erl)
    await run('monitor(process, Js), Js ! ok')
    await self.receive()
    await other.stop()
    expect(await nextThere()).toMatch(/,shutdown}$/)
  })
})

describe('monitors of two processes of one node', () => {
  it('bring reasons, by pid and by name', async () => {
    const [one, two] = [node.spawn(), node.spawn({ name: 'local_one' })]
    const [byPid, byName] = [one.monitor(two.pid), one.monitor('local_one')]
    const [dead, nobody] = [one.monitor(new Pid(one.pid.node, 1, 7, 1)), one.monitor('nobody')]
    for (const reference of [dead, nobody]) {
      expect(await one.receive()).toMatchObject({ 1: reference, 4: atom('noproc') })
    }
    two.exit(atom('boom'))
    expect(await one.receive()).toEqual(tuple(down, byPid, process, two.pid, atom('boom')))
    const object = tuple(atom('local_one'), atom(node.name))
    expect(await one.receive()).toEqual(tuple(down, byName, process, object, atom('boom')))
  })

  it('bring noproc to who monitors itself and nobody else', async () => {
    const one = node.spawn()
    one.monitor(one.pid)
    one.exit(atom('boom'))
    expect(await one.whenEnded).toEqual(atom('boom'))
  })
})

describe('the monitor of a node', () => {
  it.each([[undefined], [42], ['shop']])('refuses %o', (bad) => {
    expect(() => node.monitorNode(bad as never, () => undefined)).toThrow()
    expect(() => node.monitorNode(erl.name, bad as never)).toThrow('lost must be a function')
  })

  it('tells processes and functions when it is lost', async () => {
    const peer = await another()
    const self = node.spawn()
    const reason = deferred<string>()
    const lost = deferred<[string, string]>()
    self.monitorNode(peer.name)
    self.monitorNode(peer.name)
    node.monitorNode(peer.name, reason.resolve)
    node.once('nodedown', (name, why) => lost.resolve([name, why]))
    await node.connect(peer.name)
    peer.signal('SIGKILL')
    const nodedown = tuple(atom('nodedown'), atom(peer.name))
    expect([await self.receive(), await self.receive()]).toEqual([nodedown, nodedown])
    const why = await withDeadline(reason.promise, 'the function to be called')
    expect(await withDeadline(lost.promise, 'nodedown')).toEqual([peer.name, why])
    expect(why).not.toBe('')
    await peer.stop()
  })

  it('tells at once of one that cannot be reached', async () => {
    const self = node.spawn()
    self.monitorNode('nobody@127.0.0.1')
    expect(await self.receive()).toEqual(tuple(atom('nodedown'), atom('nobody@127.0.0.1')))
    const reason = deferred<string>()
    node.monitorNode('nobody@127.0.0.1', reason.resolve)
    expect(await withDeadline(reason.promise, 'the function to be called')).toContain('nobody')
  })
})
