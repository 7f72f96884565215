import { atom, encode, format, Pid, type Term, tuple } from 'beamlink'
import { describe, expect, it } from 'vitest'
import { BesiegedNode } from '../helpers/besieged-node.js'
import { frameOf, type HostilePeer, numbered } from '../helpers/hostile-peer.js'

const besieged = new BesiegedNode()

describe('a peer that wants too much', () => {
  it('is disconnected at the first atom above maxAtoms', async () => {
    await besieged.start({ maxAtoms: 5_000 })
    const peer = await besieged.connect()
    const end = besieged.reasonOfEnd(peer)
    const drop = besieged.nextDrop('limit')
    void peer.write(manyAtoms(peer, 6_000))
    expect(await end).toBe('the peer has sent more than 5000 different atoms (maxAtoms)')
    expect(await drop).toMatchObject({ peer: peer.name, reason: 'limit' })
  })

  it('is served on with the same atoms, however often it sends them', async () => {
    await besieged.start({ maxAtoms: 5_000 })
    const peer = await besieged.connect()
    for (let i = 0; i < 20; i += 1) await peer.write(manyAtoms(peer, 4_000))
    const answer = (await peer.call('open', 'add', [1, 2])) as unknown as Term[]
    expect([...answer].slice(1)).toEqual([atom('return'), 3])
    await peer.close()
  })

  it('is read more slowly above maxFramesPerSecond, and nothing is lost', async () => {
    await besieged.start({ maxFramesPerSecond: 1_000 })
    let count = 0
    besieged.node.register('counter', () => {
      count += 1
    })
    const peer = await besieged.connect()
    const frame = frameOf(
      encode(tuple(6, peer.pid(), atom(''), atom('counter'))),
      encode(Buffer.alloc(1_000)),
    )
    const before = performance.now()
    void peer.write(Buffer.alloc(frame.length * 3_000, frame))
    const answer = (await peer.call('open', 'add', [1, 2])) as unknown as Term[]
    expect([...answer].slice(1)).toEqual([atom('return'), 3])
    expect(count).toBe(3_000)
    expect(performance.now() - before).toBeGreaterThan(1_900)
    await peer.close()
  })

  it('gets system_limit for what it spawns above maxSpawned, until some have ended', async () => {
    await besieged.start({ maxSpawned: 3 })
    const peer = await besieged.connect()
    const spawn = (name: string) => {
      const control = [29, peer.reference(), peer.pid(), peer.pid()]
      const entry = tuple(atom('open'), atom('wait'), 1)
      peer.say([...control, entry, []] as Term[], [atom(name)])
    }
    const replied = async () => {
      const { control } = await peer.heard.next('a spawn reply')
      return control[4] as Term
    }
    const pids: Term[] = []
    for (const name of ['a', 'b', 'c']) {
      spawn(name)
      pids.push(await replied())
      expect(await besieged.called.next()).toBe(name)
    }
    spawn('d')
    expect(await replied()).toBe(atom('system_limit'))
    expect(await peer.call('open', 'add', [1, 2])).toBe(atom('system_limit'))
    const from = tuple(peer.pid(), peer.reference())
    const call = tuple(atom('call'), atom('open'), atom('add'), [1, 2], atom('user'))
    const to = [6, peer.pid(), atom(''), atom('rex')] as Term[]
    peer.say(to, tuple(atom('$gen_call'), from, call) as Term)
    const { payload } = await peer.heard.next('the answer of rex')
    expect(format(payload ?? null)).toContain("{badrpc,{'EXIT',{system_limit,[]}}}")
    expect(besieged.node.stats().drops.limit).toBe(3)
    peer.say([8, peer.pid(), pids[0] as Pid, atom('kill')])
    spawn('e')
    expect(Pid.is(await replied())).toBe(true)
    expect(await besieged.called.next()).toBe('e')
    await peer.close()
  })

  it('gets system_limit in the words of rpc and erpc at a real node', async () => {
    await besieged.start({ maxSpawned: 1 })
    const session = besieged.erl.session()
    await session.eval(`N = '${besieged.node.name}', P = spawn(N, open, wait, [first]), ok`)
    await besieged.called.next()
    expect(await session.eval('try spawn(N, open, add, [1, 2]) catch C1:R1 -> {C1, R1} end')).toBe(
      '{error,system_limit}',
    )
    expect(await session.eval('rpc:call(N, open, add, [1, 2])')).toBe(
      "{badrpc,{'EXIT',system_limit}}",
    )
    expect(await session.eval('try erpc:call(N, open, add, [1, 2]) catch C:R -> {C, R} end')).toBe(
      '{error,{erpc,system_limit}}',
    )
    expect(await session.eval('exit(P, kill), rpc:call(N, open, add, [1, 2])')).toBe('3')
  })

  it('gets system_limit for links and monitors above maxRelations', async () => {
    await besieged.start({ maxRelations: 4 })
    const self = besieged.node.spawn()
    const peer = await besieged.connect()
    const references = Array.from({ length: 4 }, () => peer.reference())
    for (const [i, reference] of references.entries()) {
      if (i < 3) peer.say([19, peer.pid(), self.pid, reference])
      else peer.say([1, peer.pid(), self.pid])
    }
    peer.say([1, peer.pid(), self.pid]) // as before: no other
    peer.say([19, peer.pid(2), self.pid, peer.reference()])
    expect((await peer.heard.next()).control[4]).toBe(atom('system_limit'))
    peer.say([1, peer.pid(2), self.pid])
    expect((await peer.heard.next()).control).toEqual([
      3,
      self.pid,
      peer.pid(2),
      atom('system_limit'),
    ])
    peer.say([20, peer.pid(), self.pid, references[0] as Term])
    peer.say([19, peer.pid(2), self.pid, references[0] as Term])
    self.exit(atom('done'))
    const ends = await Promise.all(Array.from({ length: 4 }, () => peer.heard.next()))
    expect(ends.map(({ control }) => [control[0], control.at(-1)]).sort()).toEqual([
      [21, atom('done')],
      [21, atom('done')],
      [21, atom('done')],
      [3, atom('done')],
    ])
    await peer.close()
  })

  it('is read no further when it does not read what it is answered', async () => {
    await besieged.start({ maxQueuedBytes: 1024 * 1024 })
    const peer = await besieged.connect()
    peer.stopReading()
    const frame = frameOf(encode(tuple(19, peer.pid(), atom('nobody'), peer.reference())))
    // 20 million monitors of nobody, each of which is answered: far more than the kernels hold.
    const many = Buffer.alloc(frame.length * 10_000, frame)
    let sent = 0
    let isStuck = false
    while (!isStuck && sent < 20_000_000) {
      isStuck = await Promise.race([
        peer.write(many).then(() => false),
        new Promise<boolean>((resolve) => setTimeout(resolve, 1_500, true)),
      ])
      sent += 10_000
    }
    expect(isStuck).toBe(true)
    const { out } = besieged.node.stats().peers[peer.name] ?? { out: 0 }
    expect(out).toBeGreaterThan(512 * 1024)
    expect(out).toBeLessThan(8 * 1024 * 1024)
    peer.resumeReading()
    const answer = (await peer.call('open', 'add', [1, 2])) as unknown as Term[]
    expect([...answer].slice(1)).toEqual([atom('return'), 3])
    await peer.close()
  })

  it('may monitor a process 30,000 times, of which 20,000 are held', async () => {
    await besieged.start({ maxRelations: 20_000 })
    const self = besieged.node.spawn()
    const peer = await besieged.connect()
    const frame = frameOf(encode(tuple(19, peer.pid(), self.pid, peer.reference())))
    const at = frame.length - 12 // its first word
    for (let from = 1; from <= 30_000; from += 10_000) {
      await peer.write(numbered(frame, at, from, 10_000))
    }
    let refused = 0
    while (refused < 10_000) {
      const { control } = await peer.heard.next()
      expect(control[4]).toBe(atom('system_limit'))
      refused += 1
    }
    expect(besieged.node.stats().drops.limit).toBe(10_000)
    await peer.close()
    expect(self.isAlive).toBe(true)
  })
})

/** Messages to nobody with atoms that are all different. */
function manyAtoms(peer: HostilePeer, count: number): Buffer {
  const control = encode(tuple(6, peer.pid(), atom(''), atom('nobody')))
  const payload = encode(tuple(atom('atom0000')))
  const frame = frameOf(control, payload)
  const all = Buffer.alloc(frame.length * count, frame)
  for (let i = 0; i < count; i += 1) {
    all.write(i.toString(16).padStart(4, '0'), (i + 1) * frame.length - 4)
  }
  return all
}
