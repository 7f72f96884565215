import { atom, type ErlangNode, float, type MailboxProcess, Pid, tuple } from 'beamlink'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ErlNode } from '../helpers/erl-node.js'
import { startBeside } from '../helpers/local-node.js'
import { pairOf } from '../helpers/pair.js'
import { withDeadline } from '../helpers/waiting.js'

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

function reasonOf(process: MailboxProcess) {
  return withDeadline(process.whenEnded, 'a process to end')
}

/** As Erlang prints a process of ours: with a number for the node, so only what it ends in. */
function numbersOf({ id, serial }: Pid): string {
  return `.${id}.${serial}>`
}

describe('linking refuses', () => {
  it.each([[undefined], [null], ['x'], [42], [{}]])('what is no pid: %o', async (bad) => {
    const self = node.spawn()
    expect(() => self.link(bad as never)).toThrow('pid must be a pid')
    expect(() => self.unlink(bad as never)).toThrow('pid must be a pid')
    expect(() => self.exitSignal(bad as never, 1)).toThrow('pid must be a pid')
    expect(() => node.exitSignal(bad as never, 1)).toThrow('pid must be a pid')
  })

  it('a trapExit that is no boolean, and reasons without Erlang form', () => {
    const self = node.spawn()
    expect(() => Object.assign(self, { trapExit: 1 })).toThrow('trapExit must be a boolean')
    for (const act of [
      () => self.exit(Symbol('x') as never),
      () => self.exitSignal(self.pid, (() => 1) as never),
      () => node.exitSignal(self.pid, Number.NaN),
    ]) {
      expect(act).toThrow(expect.objectContaining({ code: 'ERR_ERL_ENCODE' }))
    }
    expect(self.isAlive).toBe(true)
  })

  it('a process that has ended', () => {
    const self = node.spawn()
    self.exit(atom('done'))
    const closed = expect.objectContaining({ code: 'ERR_ERL_CLOSED', reason: atom('done') })
    expect(() => self.link(node.pid)).toThrow(closed)
    expect(() => self.unlink(node.pid)).toThrow(closed)
    expect(() => self.exitSignal(node.pid, 1)).toThrow(closed)
  })
})

describe('a link that JavaScript makes', () => {
  it('brings the exit of an Erlang process as a message to who traps', async () => {
    const { self, theirs, next } = await pairOf(node, erl)
    self.trapExit = true
    const reason = `{why, 1.5, <<"text">>, [1, 2]}`
    const pid = await erl.eval(`P = spawn(fun() -> receive go -> exit(${reason}) end end),
      {${self.name}, '${node.name}'} ! P, P`)
    const linked = (await self.receive()) as Pid
    self.link(linked)
    void self.send(linked, atom('go'))
    expect(pid).toContain(`.${linked.id}.${linked.serial}>`)
    expect(await next()).toBe(`{'EXIT',${linked},{why,1.5,<<"text">>,[1,2]}}`)
    expect(theirs.node.name).toBe(erl.name)
  })

  it('ends a process that does not trap, with that reason', async () => {
    const { self, theirs, exit } = await pairOf(node, erl)
    self.link(theirs)
    await exit('boom')
    expect(await reasonOf(self)).toEqual(atom('boom'))
  })

  it('does not end a process when the other side ends normally', async () => {
    const { self, theirs, exit } = await pairOf(node, erl)
    self.link(theirs)
    self.monitor(theirs)
    await exit('normal')
    expect(await self.receive()).toMatchObject({ 4: atom('normal') })
    expect(self.isAlive).toBe(true)
  })

  it('brings the exit of a process of ours to Erlang', async () => {
    const { self, theirs, nextThere } = await pairOf(node, erl)
    self.link(theirs)
    self.exit(tuple(atom('why'), float(2), 'text'))
    expect(await nextThere()).toMatch(/^{'EXIT',<[\d.]+>,{why,2.0,<<"text">>}}$/)
  })

  it('to a process that is dead gives noproc', async () => {
    const self = node.spawn()
    self.trapExit = true
    const { theirs } = await pairOf(node, erl)
    const dead = new Pid(theirs.node, theirs.id, theirs.serial + 1_000, theirs.creation)
    self.link(dead)
    expect(await self.receive()).toEqual(tuple(atom('EXIT'), dead, atom('noproc')))
    const earlier = new Pid(theirs.node, theirs.id, theirs.serial, theirs.creation - 1)
    self.link(earlier)
    expect(self.queueLength).toBe(0)
    expect(await self.receive()).toEqual(tuple(atom('EXIT'), earlier, atom('noproc')))
    const untrapped = node.spawn()
    untrapped.link(dead)
    expect(await reasonOf(untrapped)).toEqual(atom('noproc'))
  })

  it('to a node that cannot be reached gives noconnection', async () => {
    const self = node.spawn()
    self.trapExit = true
    const far = new Pid(atom('nobody@127.0.0.1'), 1, 0, 5)
    self.link(far)
    expect(await self.receive()).toEqual(tuple(atom('EXIT'), far, atom('noconnection')))
  })

  it('to itself means nothing', async () => {
    const self = node.spawn()
    self.link(self.pid)
    self.exit(atom('done'))
    expect(await reasonOf(self)).toEqual(atom('done'))
  })

  it('connects, if need be', async () => {
    const { theirs, run } = await pairOf(node, erl)
    const other = await startBeside(erl)
    try {
      const self = other.spawn()
      self.link(theirs)
      void self.send(theirs, 'linked')
      expect(await run('receive <<"linked">> -> ok end, receive after 0 -> ok end')).toBe('ok')
      self.exit(atom('boom'))
      expect(await run('receive {_, _, R} -> R after 5000 -> timeout end')).toBe('boom')
    } finally {
      await other.stop()
    }
  })
})

describe('a link that Erlang makes', () => {
  it('brings exits both ways', async () => {
    const one = await pairOf(node, erl)
    await one.run('link(Js), Js ! linked, ok')
    expect(await one.next()).toBe('linked')
    one.self.exit(atom('gone'))
    expect(await one.nextThere()).toMatch(/^{'EXIT',<[\d.]+>,gone}$/)

    const two = await pairOf(node, erl)
    await two.run('link(Js), Js ! linked, ok')
    expect(await two.next()).toBe('linked')
    await two.exit('bye')
    expect(await reasonOf(two.self)).toEqual(atom('bye'))
  })

  it('to a process that has ended gives noproc there', async () => {
    const { self, run, nextThere } = await pairOf(node, erl)
    self.exit()
    await run('link(Js), ok')
    expect(await nextThere()).toMatch(/^{'EXIT',<[\d.]+>,noproc}$/)
  })

  it('can be taken back by either side', async () => {
    const one = await pairOf(node, erl)
    await one.run('link(Js), unlink(Js), Js ! unlinked, ok')
    expect(await one.next()).toBe('unlinked')
    await one.exit('bye')
    const reference = one.self.monitor(one.theirs)
    expect(await one.self.receive()).toMatchObject({ 0: atom('DOWN'), 1: reference })
    expect(one.self.isAlive).toBe(true)

    const two = await pairOf(node, erl)
    await two.run('link(Js), Js ! linked, ok')
    await two.next()
    two.self.unlink(two.theirs)
    await two.synced()
    two.self.exit(atom('boom'))
    await two.run(`erlang:monitor(process, Js), ok`)
    expect(await two.nextThere()).toMatch(/^{'DOWN',/)
    expect(await two.run('receive M2 -> M2 after 0 -> nothing end')).toBe('nothing')
  })
})

describe('unlink', () => {
  it('keeps the exits of both sides from the other', async () => {
    const { self, theirs, exit, synced } = await pairOf(node, erl)
    self.link(theirs)
    self.unlink(theirs)
    await synced()
    self.monitor(theirs)
    await exit('bye')
    expect(await self.receive()).toMatchObject({ 0: atom('DOWN'), 4: atom('bye') })
    expect(self.isAlive).toBe(true)
  })

  it('can be followed by another link, at once', async () => {
    const { self, theirs, run, exit, synced } = await pairOf(node, erl)
    self.trapExit = true
    for (let round = 0; round < 20; round += 1) {
      self.link(theirs)
      self.unlink(theirs)
    }
    self.link(theirs)
    await synced()
    expect(await run('element(2, process_info(self(), links)) =/= []')).toBe('true')
    await exit('bye')
    expect(await self.receive()).toEqual(tuple(atom('EXIT'), theirs, atom('bye')))
  })
})

describe('an exit signal from Erlang', () => {
  it.each([
    ['boom', 'boom'],
    ['kill', 'killed'],
    ['{shutdown, x}', '{shutdown,x}'],
  ])('with %s ends a process that does not trap, with %s', async (reason, seen) => {
    const { run } = await pairOf(node, erl)
    await run(`monitor(process, Js), exit(Js, ${reason}), ok`)
    const down = 'receive {_, _, process, Js, R} -> R after 5000 -> timeout end'
    expect(await run(down)).toBe(seen)
  })

  it('with normal does nothing, unless it is trapped', async () => {
    const { self, theirs, run, next } = await pairOf(node, erl)
    await run('exit(Js, normal), Js ! after_exit, ok')
    expect(await next()).toBe('after_exit')
    self.trapExit = true
    await run('exit(Js, normal), exit(Js, boom), ok')
    expect(await next()).toBe(`{'EXIT',${theirs},normal}`)
    expect(await next()).toBe(`{'EXIT',${theirs},boom}`)
  })

  it('with kill cannot be trapped', async () => {
    const { self, run } = await pairOf(node, erl)
    self.trapExit = true
    await run('exit(Js, kill), ok')
    expect(await reasonOf(self)).toEqual(atom('killed'))
  })

  it('through a link with kill can be trapped, and kills with kill', async () => {
    const one = await pairOf(node, erl)
    one.self.trapExit = true
    one.self.link(one.theirs)
    const two = await pairOf(node, erl)
    two.self.link(two.theirs)
    for (const { exit, synced } of [one, two]) {
      await synced()
      await exit('kill')
    }
    expect(await one.next()).toBe(`{'EXIT',${one.theirs},kill}`)
    expect(await reasonOf(two.self)).toEqual(atom('kill'))
  })
})

describe('an exit signal from JavaScript', () => {
  it('comes in the name of the process, or of the node', async () => {
    const { self, theirs, nextThere } = await pairOf(node, erl)
    self.exitSignal(theirs, tuple(atom('stop'), 1))
    expect(await nextThere()).toMatch(`${numbersOf(self.pid)},{stop,1}}`)
    node.exitSignal(theirs, atom('normal'))
    expect(await nextThere()).toMatch(`${numbersOf(node.pid)},normal}`)
  })

  it('with kill cannot be trapped', async () => {
    const { self, theirs } = await pairOf(node, erl)
    const reference = self.monitor(theirs)
    self.exitSignal(theirs, atom('kill'))
    expect(await self.receive()).toEqual(
      tuple(atom('DOWN'), reference, atom('process'), theirs, atom('killed')),
    )
  })

  it('to itself acts at once', () => {
    const self = node.spawn()
    self.trapExit = true
    self.exitSignal(self.pid, atom('normal'))
    expect([self.isAlive, self.queueLength]).toEqual([true, 1])
    self.trapExit = false
    self.exitSignal(self.pid, atom('normal'))
    expect(self.isAlive).toBe(false)
  })
})

describe('a lost connection', () => {
  it('breaks links with noconnection, on both sides', async () => {
    const { self, theirs, nextThere } = await pairOf(node, erl)
    const other = await startBeside(erl)
    const far = other.spawn()
    const local = node.spawn()
    self.trapExit = true
    self.link(theirs)
    self.link(local.pid)
    await node.disconnect(erl.name)
    expect(await self.receive()).toEqual(tuple(atom('EXIT'), theirs, atom('noconnection')))
    expect(await nextThere()).toMatch(/^{'EXIT',<[\d.]+>,noconnection}$/)
    expect([self.queueLength, local.isAlive, far.isAlive]).toEqual([0, true, true])
    await other.stop()
  })

  it('that is lost again and again leaves no link behind, and is not dialled for them', async () => {
    const peer = await ErlNode.start({ epmdPort: erl.epmdPort, cookie: erl.cookie })
    const { self, theirs } = await pairOf(node, peer)
    const { theirs: second } = await pairOf(node, peer)
    self.link(theirs)
    self.link(second)
    peer.signal('SIGKILL')
    expect(await reasonOf(self)).toEqual(atom('noconnection'))
    expect(node.stats().drops.noConnection).toBe(0)
    expect(node.peers).not.toContain(peer.name)
    await peer.stop()
  })
})

describe('links of two processes of one node', () => {
  it('bring exits both ways, and can be taken back', async () => {
    const [one, two, three] = [node.spawn(), node.spawn(), node.spawn()]
    one.trapExit = true
    one.link(two.pid)
    one.link(three.pid)
    one.unlink(three.pid)
    const probe = node.spawn()
    for (const process of [two, three]) probe.monitor(process.pid)
    void one.send(probe.pid, 'linked')
    await probe.receive({ match: (message) => Buffer.isBuffer(message) })
    two.exit(atom('boom'))
    three.exit(atom('boom'))
    expect(await one.receive()).toEqual(tuple(atom('EXIT'), two.pid, atom('boom')))
    for (const _ of [two, three]) expect(await probe.receive()).toMatchObject({ 4: atom('boom') })
    expect(one.queueLength).toBe(0)
  })

  it('to one that has ended give noproc', async () => {
    const [one, two] = [node.spawn(), node.spawn()]
    two.exit()
    one.link(two.pid)
    expect(await reasonOf(one)).toEqual(atom('noproc'))
  })
})
