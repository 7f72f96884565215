import { atom, encode, format, Pid, type Term, tuple } from 'beamlink'
import { describe, expect, it } from 'vitest'
import { BesiegedNode } from '../helpers/besieged-node.js'
import { frameOf, type HostilePeer } from '../helpers/hostile-peer.js'
import { until } from '../helpers/waiting.js'

const besieged = new BesiegedNode()
const system = () => besieged.node.whereis('rex') as Pid

describe('a peer that is no more than it says', () => {
  it('is served as any other', async () => {
    const peer = await besieged.connect()
    const answer = (await peer.call('open', 'add', [1, 2])) as unknown as Term[]
    expect([...answer].slice(1)).toEqual([atom('return'), 3])
    await peer.close()
  })

  it('does not get what is for others by naming their processes as those who ask', async () => {
    besieged.node.expose(
      'secret',
      { tell: () => besieged.called.push('told') },
      { exposeTo: [besieged.erl.name] },
    )
    besieged.node.serve('vault', {
      replaceState: () => besieged.called.push('replaced'),
      state: () => 'state',
      call: () => 1,
    })
    const peer = await besieged.connect()
    const friend = new Pid(atom(besieged.erl.name), 1, 0, 1)
    const call = tuple(atom('call'), atom('secret'), atom('tell'), [], atom('user'))
    const to = (name: string) => [6, peer.pid(), atom(''), atom(name)] as Term[]
    const from = tuple(friend, peer.reference())
    peer.say(to('rex'), tuple(atom('$gen_call'), from, call) as Term)
    peer.say(to('rex'), tuple(friend, call) as Term)
    const cast = tuple(atom('cast'), atom('secret'), atom('tell'), [], atom('user'))
    peer.say([6, friend, atom(''), atom('rex')] as Term[], tuple(atom('$gen_cast'), cast) as Term)
    expect(format(await peer.call('secret', 'tell', []))).toContain('undef')
    expect(await besieged.erl.eval(`rpc:call('${besieged.node.name}', secret, tell, [])`)).toBe(
      'ok',
    )
    expect(await besieged.called.next()).toBe('told')
    await peer.close()
  })

  it('does not make the node dial others whom it names as those who wait for an answer', async () => {
    const peer = await besieged.connect()
    const nobody = new Pid(atom('nobody@127.0.0.1'), 1, 0, 1)
    const from = tuple(nobody, peer.reference())
    const drops = besieged.nextDrop('noConnection')
    const ask = tuple(atom('is_auth'), atom(peer.name))
    peer.say(
      [6, peer.pid(), atom(''), atom('net_kernel')] as Term[],
      tuple(atom('$gen_call'), from, ask) as Term,
    )
    expect(await drops).toMatchObject({ peer: 'nobody@127.0.0.1' })
    expect(Object.keys(besieged.node.stats().peers)).not.toContain('nobody@127.0.0.1')
    await peer.close()
  })

  it('is not believed in whose name it links, monitors and exits', async () => {
    const self = besieged.node.spawn()
    const peer = await besieged.connect()
    const friend = new Pid(atom(besieged.erl.name), 1, 0, 1)
    for (const control of [
      [1, friend, self.pid],
      [8, friend, self.pid, atom('kill')],
      [3, friend, self.pid, atom('kill')],
      [19, friend, self.pid, peer.reference()],
      [35, 1, friend, self.pid],
      [29, peer.reference(), friend, friend, tuple(atom('open'), atom('add'), 2), []],
    ]) {
      const drop = besieged.nextDrop(control[0] === 29 ? 'unsupported' : 'forged')
      if (control[0] === 29) peer.say(control as Term[], [1, 2])
      else peer.say(control as Term[])
      await drop
    }
    expect(self.isAlive).toBe(true)
    await peer.close()
  })

  it('cannot end the processes that are part of the node', async () => {
    const peer = await besieged.connect()
    for (const name of ['rex', 'net_kernel']) {
      peer.say([8, peer.pid(), besieged.node.whereis(name) as Pid, atom('kill')])
      peer.say([1, peer.pid(), besieged.node.whereis(name) as Pid])
      peer.say([3, peer.pid(), besieged.node.whereis(name) as Pid, atom('kill')])
    }
    const drop = besieged.nextDrop('unsupported')
    peer.say([7, peer.pid(), system()]) // its group leader
    await drop
    await peer.call('open', 'add', [1, 2])
    expect(besieged.node.registered).toEqual(expect.arrayContaining(['rex', 'net_kernel']))
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
    const peer = await besieged.connect()
    const end = besieged.reasonOfEnd(peer)
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
    const inbox = besieged.node.spawn({ name: 'inbox' })
    const peer = await besieged.connect()
    const failure = until<[{ message: string; peer: string }]>(besieged.node, 'decodeError')
    void peer.write(frameOf(send(peer), payload()))
    peer.say([6, peer.pid(), atom(''), atom('inbox')] as Term[], 'next')
    const [{ message, peer: sender }] = await failure
    expect(message).toContain(told)
    expect(sender).toBe(peer.name)
    expect(String(await inbox.receive({ timeoutMs: 5_000 }))).toBe('next')
    await peer.close()
  })

  it('is counted for operations that nobody knows', async () => {
    const peer = await besieged.connect()
    const bytes = frameOf(encode(tuple(99, 'nothing')))
    await peer.write(Buffer.alloc(bytes.length * 1_000, bytes))
    await peer.call('open', 'add', [1, 2])
    expect(besieged.node.stats().drops.unsupported).toBe(1_000)
    await peer.close()
  })
})

/** 80, the size of what it inflates to, and that deflated: a binary of a gibibyte in a mebibyte. */
function zipBomb(): Buffer {
  const claim = Buffer.alloc(6)
  claim[0] = 131
  claim[1] = 80
  claim.writeUInt32BE(1024 * 1024 * 1024, 2)
  return Buffer.concat([claim, Buffer.alloc(1024 * 1024, 0x78)])
}
