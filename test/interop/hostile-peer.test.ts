import {
  type Atom,
  atom,
  callContext,
  type ErlangNode,
  encode,
  format,
  Pid,
  type Term,
  tuple,
} from 'beamlink'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { ErlNode } from '../helpers/erl-node.js'
import { frameOf, HostilePeer, numbered } from '../helpers/hostile-peer.js'
import { startBeside } from '../helpers/local-node.js'
import { Arrivals, until } from '../helpers/waiting.js'

let erl: ErlNode
let node: ErlangNode
const called = new Arrivals<string>()

beforeAll(async () => {
  erl = await ErlNode.start()
})
afterAll(() => erl.stop())
beforeEach(async () => {
  await start({})
})
/** However bad a peer was, a good one is served. */
afterEach(async () => {
  expect(await erl.eval(`rpc:call('${node.name}', open, add, [40, 2])`)).toBe('42')
  await node.stop()
  expect(called.waiting).toBe(0)
})

async function start(options: Parameters<typeof startBeside>[1]): Promise<void> {
  await node?.stop()
  node = await startBeside(erl, options)
  node.expose('open', {
    add: (a: number, b: number) => a + b,
    'wait/1': (name: Atom) => {
      called.push(name.name)
      return new Promise((resolve) => callContext()?.signal.addEventListener('abort', resolve))
    },
  })
}

function connect(options: { name?: string; flags?: bigint } = {}): Promise<HostilePeer> {
  return HostilePeer.connect(node, { cookie: erl.cookie, ...options })
}

function nextDrop(reason: string) {
  type Drop = { reason: string; peer: string; detail?: string }
  return until<[Drop]>(node, 'drop', (drop) => drop.reason === reason)
}

/** The reason that is told when the node closes the connection. */
async function reasonOfEnd(peer: HostilePeer): Promise<string> {
  const [, reason] = await until<[string, string]>(node, 'nodedown', (name) => name === peer.name)
  await peer.closed
  return reason
}

const system = () => node.whereis('rex') as Pid

describe('a peer that is no more than it says', () => {
  it('is served as any other', async () => {
    const peer = await connect()
    const answer = (await peer.call('open', 'add', [1, 2])) as unknown as Term[]
    expect([...answer].slice(1)).toEqual([atom('return'), 3])
    await peer.close()
  })

  it('does not get what is for others by naming their processes as those who ask', async () => {
    node.expose('secret', { tell: () => called.push('told') }, { exposeTo: [erl.name] })
    node.serve('vault', {
      replaceState: () => called.push('replaced'),
      state: () => 'state',
      call: () => 1,
    })
    const peer = await connect()
    const friend = new Pid(atom(erl.name), 1, 0, 1)
    const call = tuple(atom('call'), atom('secret'), atom('tell'), [], atom('user'))
    const to = (name: string) => [6, peer.pid(), atom(''), atom(name)] as Term[]
    const from = tuple(friend, peer.reference())
    peer.say(to('rex'), tuple(atom('$gen_call'), from, call) as Term)
    peer.say(to('rex'), tuple(friend, call) as Term)
    const cast = tuple(atom('cast'), atom('secret'), atom('tell'), [], atom('user'))
    peer.say([6, friend, atom(''), atom('rex')] as Term[], tuple(atom('$gen_cast'), cast) as Term)
    expect(format(await peer.call('secret', 'tell', []))).toContain('undef')
    expect(await erl.eval(`rpc:call('${node.name}', secret, tell, [])`)).toBe('ok')
    expect(await called.next()).toBe('told')
    await peer.close()
  })

  it('does not make the node dial others whom it names as those who wait for an answer', async () => {
    const peer = await connect()
    const nobody = new Pid(atom('nobody@127.0.0.1'), 1, 0, 1)
    const from = tuple(nobody, peer.reference())
    const drops = nextDrop('noConnection')
    const ask = tuple(atom('is_auth'), atom(peer.name))
    peer.say(
      [6, peer.pid(), atom(''), atom('net_kernel')] as Term[],
      tuple(atom('$gen_call'), from, ask) as Term,
    )
    expect((await drops)[0]).toMatchObject({ peer: 'nobody@127.0.0.1' })
    expect(Object.keys(node.stats().peers)).not.toContain('nobody@127.0.0.1')
    await peer.close()
  })

  it('is not believed in whose name it links, monitors and exits', async () => {
    const self = node.spawn()
    const peer = await connect()
    const friend = new Pid(atom(erl.name), 1, 0, 1)
    for (const control of [
      [1, friend, self.pid],
      [8, friend, self.pid, atom('kill')],
      [3, friend, self.pid, atom('kill')],
      [19, friend, self.pid, peer.reference()],
      [35, 1, friend, self.pid],
      [29, peer.reference(), friend, friend, tuple(atom('open'), atom('add'), 2), []],
    ]) {
      const drop = nextDrop(control[0] === 29 ? 'unsupported' : 'forged')
      if (control[0] === 29) peer.say(control as Term[], [1, 2])
      else peer.say(control as Term[])
      await drop
    }
    expect(self.isAlive).toBe(true)
    await peer.close()
  })

  it('cannot end the processes that are part of the node', async () => {
    const peer = await connect()
    for (const name of ['rex', 'net_kernel']) {
      peer.say([8, peer.pid(), node.whereis(name) as Pid, atom('kill')])
      peer.say([1, peer.pid(), node.whereis(name) as Pid])
      peer.say([3, peer.pid(), node.whereis(name) as Pid, atom('kill')])
    }
    const drop = nextDrop('unsupported')
    peer.say([7, peer.pid(), system()]) // its group leader
    await drop
    await peer.call('open', 'add', [1, 2])
    expect(node.registered).toEqual(expect.arrayContaining(['rex', 'net_kernel']))
    await peer.close()
  })
})

describe('a peer that breaks the protocol', () => {
  const deep = (levels: number) =>
    Buffer.concat([
      Buffer.of(131),
      Buffer.alloc(levels * 2, Buffer.of(104, 1)), // {{{…
      Buffer.of(106),
    ])
  const send = (peer: HostilePeer) => encode(tuple(6, peer.pid(), atom(''), atom('inbox')))

  it.each<[string, (peer: HostilePeer) => Buffer, string]>([
    ['a control that is no tuple', () => frameOf(encode(7)), 'not a tuple'],
    ['a control that is cut', () => frameOf(Buffer.of(131, 104, 3, 97)), 'not a tuple'],
    ['a link without its other end', (peer) => frameOf(encode(tuple(1, peer.pid()))), 'LINK (1)'],
    ['a link to what is no pid', (peer) => frameOf(encode(tuple(1, peer.pid(), 7))), 'a pid'],
    [
      'an unlink of number 0',
      (peer) => frameOf(encode(tuple(35, 0, peer.pid(), system()))),
      '1 to 2^64-1',
    ],
    [
      'a fragment, which was not agreed on',
      () => Buffer.of(0, 0, 0, 3, 131, 69, 0),
      'begins with 131',
    ],
    [
      'an atom cache, which was not agreed on',
      () => Buffer.of(0, 0, 0, 3, 131, 68, 0),
      'begins with 131',
    ],
    ['a frame above maxFrameBytes', () => Buffer.of(0x7f, 0, 0, 0, 112), 'maxFrameBytes'],
    [
      'a deep control',
      (peer) =>
        frameOf(
          encode(tuple(3, peer.pid(), system(), [])).subarray(0, -1),
          deep(20_000).subarray(1),
        ),
      'too deep',
    ],
  ])('is disconnected for %s', async (_, bytes, told) => {
    const peer = await connect()
    const end = reasonOfEnd(peer)
    void peer.write(bytes(peer))
    expect(await end).toContain(told)
  })

  it.each<[string, () => Buffer, string]>([
    ['nested too deep', () => deep(20_000), 'nested too deep'],
    ['compressed, however small it claims to be', () => zipBomb(), 'compressed'],
    [
      'a map with fewer pairs than it says',
      () => Buffer.of(131, 116, 0x7f, 0, 0, 0, 97, 1),
      'more parts than bytes',
    ],
    ['an atom of nonsense', () => Buffer.of(131, 119, 2, 0xff, 0xfe), 'UTF-8'],
  ])('loses a message that is %s, and that alone', async (_, payload, told) => {
    const inbox = node.spawn({ name: 'inbox' })
    const peer = await connect()
    const failure = until<[{ message: string; peer: string }]>(node, 'decodeError')
    void peer.write(frameOf(send(peer), payload()))
    peer.say([6, peer.pid(), atom(''), atom('inbox')] as Term[], 'next')
    const [{ message, peer: sender }] = await failure
    expect(message).toContain(told)
    expect(sender).toBe(peer.name)
    expect(String(await inbox.receive({ timeoutMs: 5_000 }))).toBe('next')
    await peer.close()
  })

  it('is counted for operations that nobody knows', async () => {
    const peer = await connect()
    const bytes = frameOf(encode(tuple(99, 'nothing')))
    await peer.write(Buffer.alloc(bytes.length * 1_000, bytes))
    await peer.call('open', 'add', [1, 2])
    expect(node.stats().drops.unsupported).toBe(1_000)
    await peer.close()
  })
})

describe('a peer that wants too much', () => {
  it('is disconnected at the first atom above maxAtoms', async () => {
    await start({ maxAtoms: 5_000 })
    const peer = await connect()
    const end = reasonOfEnd(peer)
    const drop = nextDrop('limit')
    void peer.write(manyAtoms(peer, 6_000))
    expect(await end).toBe('the peer has sent more than 5000 different atoms (maxAtoms)')
    expect((await drop)[0]).toMatchObject({ peer: peer.name, reason: 'limit' })
  })

  it('is served on with the same atoms, however often it sends them', async () => {
    await start({ maxAtoms: 5_000 })
    const peer = await connect()
    for (let i = 0; i < 20; i += 1) await peer.write(manyAtoms(peer, 4_000))
    const answer = (await peer.call('open', 'add', [1, 2])) as unknown as Term[]
    expect([...answer].slice(1)).toEqual([atom('return'), 3])
    await peer.close()
  })

  it('is read more slowly above maxFramesPerSecond, and nothing is lost', async () => {
    await start({ maxFramesPerSecond: 1_000 })
    let count = 0
    node.register('counter', () => {
      count += 1
    })
    const peer = await connect()
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
    await start({ maxSpawned: 3 })
    const peer = await connect()
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
      expect(await called.next()).toBe(name)
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
    expect(node.stats().drops.limit).toBe(3)
    peer.say([8, peer.pid(), pids[0] as Pid, atom('kill')])
    spawn('e')
    expect(Pid.is(await replied())).toBe(true)
    expect(await called.next()).toBe('e')
    await peer.close()
  })

  it('gets system_limit in the words of rpc and erpc at a real node', async () => {
    await start({ maxSpawned: 1 })
    const session = erl.session()
    await session.eval(`N = '${node.name}', P = spawn(N, open, wait, [first]), ok`)
    await called.next()
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
    await start({ maxRelations: 4 })
    const self = node.spawn()
    const peer = await connect()
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
    await start({ maxQueuedBytes: 1024 * 1024 })
    const peer = await connect()
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
    const { out } = node.stats().peers[peer.name] ?? { out: 0 }
    expect(out).toBeGreaterThan(512 * 1024)
    expect(out).toBeLessThan(8 * 1024 * 1024)
    peer.resumeReading()
    const answer = (await peer.call('open', 'add', [1, 2])) as unknown as Term[]
    expect([...answer].slice(1)).toEqual([atom('return'), 3])
    await peer.close()
  })

  it('may monitor a process 30,000 times, of which 20,000 are held', async () => {
    await start({ maxRelations: 20_000 })
    const self = node.spawn()
    const peer = await connect()
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
    expect(node.stats().drops.limit).toBe(10_000)
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

/** 80, the size of what it inflates to, and that deflated: a binary of a gibibyte in a mebibyte. */
function zipBomb(): Buffer {
  const claim = Buffer.alloc(6)
  claim[0] = 131
  claim[1] = 80
  claim.writeUInt32BE(1024 * 1024 * 1024, 2)
  return Buffer.concat([claim, Buffer.alloc(1024 * 1024, 0x78)])
}
