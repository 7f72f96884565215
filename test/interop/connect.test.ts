import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { ErlangNode } from 'beamlink'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { ErlNode } from '../helpers/erl-node.js'
import { startBeside } from '../helpers/local-node.js'
import { uniqueAlive, uniqueName } from '../helpers/names.js'
import { freePort } from '../helpers/ports.js'
import { until, withDeadline } from '../helpers/waiting.js'

let erl: ErlNode
beforeAll(async () => {
  erl = await ErlNode.start()
})
afterAll(() => erl.stop())

const nodes: ErlangNode[] = []
afterEach(async () => {
  await Promise.all(nodes.splice(0).map((node) => node.stop()))
})

async function start(options: Parameters<typeof startBeside>[1] = {}): Promise<ErlangNode> {
  const node = await startBeside(erl, options)
  nodes.push(node)
  return node
}

describe('a node', () => {
  it.each([[[]], [[{ name: 'web@127.0.0.1' }]]])('is made by start, not by new: %j', (given) => {
    const make = ErlangNode as unknown as new (...values: unknown[]) => ErlangNode
    expect(() => new make(...given)).toThrow(
      new TypeError('a node is made by ErlangNode.start(options), which gives a promise of it'),
    )
  })
})

describe('a connection that cannot be', () => {
  it('rejects with ERR_ERL_AUTH when the cookies differ', async () => {
    const node = await start({ cookie: 'another' })
    await expect(node.connect(erl.name)).rejects.toMatchObject({ code: 'ERR_ERL_AUTH' })
    expect(node.peers).toEqual([])
  })

  it('counts a peer that comes with another cookie as refused', async () => {
    const node = await start({ cookie: 'another' })
    const refused = until(node, 'drop', (drop: { reason: string }) => drop.reason === 'refused')
    expect(await erl.eval(`net_adm:ping('${node.name}')`)).toBe('pang')
    await refused
    expect(node.stats().drops.refused).toBe(1)
  })

  it('rejects with ERR_ERL_NODE_NOT_FOUND for a name that epmd does not know', async () => {
    const node = await start()
    await expect(node.connect('nobody@127.0.0.1')).rejects.toMatchObject({
      code: 'ERR_ERL_NODE_NOT_FOUND',
    })
  })

  it('rejects with the name that the node there has itself, and with that to do about it', async () => {
    const node = await start()
    await expect(
      node.connect('else@127.0.0.1', { port: await distributionPort(erl) }),
    ).rejects.toMatchObject({
      code: 'ERR_ERL_PROTOCOL',
      message: `the node there is named ${erl.name}, not else@127.0.0.1; use the name that it has itself`,
    })
  })

  it('rejects with ERR_ERL_TIMEOUT where something accepts and says nothing', async () => {
    const mute = createServer(() => undefined).listen(0, '127.0.0.1')
    await once(mute, 'listening')
    const { port } = mute.address() as AddressInfo
    const node = await start({ connectTimeoutMs: 200 })
    await expect(node.connect('mute@127.0.0.1', { port })).rejects.toMatchObject({
      code: 'ERR_ERL_TIMEOUT',
      message:
        'mute@127.0.0.1 did not answer within 200 ms (connectTimeoutMs); does a node listen there?',
    })
    mute.close()
  })

  it('is none to a port that another has: start rejects with ERR_ERL_REFUSED', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const { port } = other.address() as AddressInfo
    await expect(start({ listen: { host: '127.0.0.1', port } })).rejects.toMatchObject({
      code: 'ERR_ERL_REFUSED',
      message: `cannot listen on 127.0.0.1:${port}: Address already in use; choose another port, or 0 for a free one`,
    })
    other.close()
  })

  it('rejects with ERR_ERL_UNKNOWN_HOST for a host without address', async () => {
    const node = await start()
    await expect(node.connect('shop@no-such-host.invalid')).rejects.toMatchObject({
      code: 'ERR_ERL_UNKNOWN_HOST',
    })
  })

  it('rejects with ERR_ERL_NO_EPMD where no epmd answers', async () => {
    const node = await start({ listen: false, epmd: { port: await freePort() } })
    await expect(node.connect(erl.name)).rejects.toMatchObject({ code: 'ERR_ERL_NO_EPMD' })
  })

  it('rejects with ERR_ERL_NO_EPMD without epmd and address', async () => {
    const node = await start({ epmd: 'none' })
    await expect(node.connect(erl.name)).rejects.toMatchObject({
      code: 'ERR_ERL_NO_EPMD',
      message: expect.stringContaining('{ host, port }'),
    })
  })

  it('rejects with ERR_ERL_NAME_LENGTH between long and short names', async () => {
    const node = await start({ name: `${uniqueAlive('js')}@localhost` })
    await expect(node.connect(erl.name)).rejects.toMatchObject({
      code: 'ERR_ERL_NAME_LENGTH',
      message: expect.stringContaining(erl.name),
    })
  })

  it('rejects with ERR_ERL_NOCONNECTION where nobody listens', async () => {
    const node = await start()
    await expect(node.connect('shop@127.0.0.1', { port: await freePort() })).rejects.toMatchObject({
      code: 'ERR_ERL_NOCONNECTION',
    })
  })

  it('rejects with ERR_ERL_NAME_IN_USE when epmd has the name', async () => {
    const node = await start()
    await expect(startBeside(erl, { name: node.name })).rejects.toMatchObject({
      code: 'ERR_ERL_NAME_IN_USE',
    })
  })

  it('rejects with the reason of the signal, and goes on dialling', async () => {
    const node = await start()
    const reason = new Error('enough')
    await expect(node.connect(erl.name, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    await node.connect(erl.name)
  })

  it('refuses a peer that is not allowed', async () => {
    const node = await start({ allow: ['friend@127.0.0.1'] })
    expect(await erl.eval(`net_adm:ping('${node.name}')`)).toBe('pang')
    expect(node.peers).toEqual([])
    expect(node.stats().drops.refused).toBe(1)
  })

  it.each([
    [42, TypeError],
    ['shop', RangeError],
    ['', RangeError],
  ])('refuses %o as a peer', async (peer, kind) => {
    const node = await start()
    await expect(node.connect(peer as string)).rejects.toBeInstanceOf(kind)
  })
})

describe('a connection', () => {
  it('is made by name, told by nodeup, and hidden by default', async () => {
    const node = await start()
    const up = once(node, 'nodeup')
    await node.connect(erl.name)
    expect(await up).toEqual([erl.name])
    expect(node.peers).toEqual([erl.name])
    expect(node.peerAddress(erl.name)).toEqual({ host: '127.0.0.1', isIncoming: false })
    expect(await erl.eval('nodes(hidden)')).toContain(node.name)
    expect(await erl.eval('nodes()')).not.toContain(node.name)
  })

  it('is visible when asked for', async () => {
    const node = await start({ hidden: false })
    await node.connect(erl.name)
    expect(await erl.eval('nodes()')).toContain(node.name)
    expect(await erl.eval(`rpc:call('${node.name}', erlang, node, [])`)).toBe(`'${node.name}'`)
  })

  it('is accepted from a peer', async () => {
    const node = await start()
    const up = once(node, 'nodeup')
    expect(node.peerAddress(erl.name)).toBeUndefined()
    expect(await erl.eval(`net_adm:ping('${node.name}')`)).toBe('pong')
    expect(await up).toEqual([erl.name])
    expect(node.peerAddress(erl.name)).toEqual({ host: '127.0.0.1', isIncoming: true })
  })

  it('is made by host and port, without epmd', async () => {
    const node = await start({ epmd: 'none' })
    const port = Number(
      await erl.eval(
        `{ok, Names} = erl_epmd:names({127,0,0,1}), {value, {_, Port}} = lists:keysearch("${erl.name.split('@')[0]}", 1, Names), Port`,
      ),
    )
    await node.connect(erl.name, { host: '127.0.0.1', port })
    expect(await node.ping(erl.name)).toBe(true)
  })

  it('is made between short names', async () => {
    const short = await ErlNode.start({
      name: `${uniqueAlive('erl')}@localhost`,
      shortNames: true,
      epmdPort: erl.epmdPort,
    })
    const node = await start({ name: `${uniqueAlive('js')}@localhost` })
    expect(await node.ping(short.name)).toBe(true)
    await node.stop()
    await short.stop()
  })

  it('uses the cookie of that peer', async () => {
    const other = await ErlNode.start({ epmdPort: erl.epmdPort, cookie: 'of_its_own' })
    const node = await start({ cookies: { [other.name]: 'of_its_own' } })
    expect(await node.ping(other.name)).toBe(true)
    expect(await node.ping(erl.name)).toBe(true)
    node.setCookie(other.name, 'wrong')
    await node.disconnect(other.name)
    expect(await node.ping(other.name)).toBe(false)
    await other.stop()
  })

  it('is shared by all who dial at once', async () => {
    const node = await start()
    let ups = 0
    node.on('nodeup', () => {
      ups += 1
    })
    await Promise.all(Array.from({ length: 20 }, () => node.connect(erl.name)))
    expect(ups).toBe(1)
  })

  it('is one also when both sides dial at the same time', async () => {
    const node = await start()
    const [fromErlang, fromUs] = await Promise.all([
      erl.eval(`net_adm:ping('${node.name}')`),
      node.ping(erl.name),
    ])
    expect([fromErlang, fromUs]).toEqual(['pong', true])
    expect(node.peers).toEqual([erl.name])
    expect(await erl.eval(`[N || N <- nodes(hidden), N =:= '${node.name}']`)).toBe(
      `['${node.name}']`,
    )
  })

  it('ends with nodedown on both sides, and can be made again', async () => {
    const node = await start()
    await node.connect(erl.name)
    const session = erl.session()
    await session.eval(`monitor_node('${node.name}', true)`)
    const down = once(node, 'nodedown')
    expect(await node.disconnect(erl.name)).toBe(true)
    expect((await down)[0]).toBe(erl.name)
    expect(await session.eval('receive {nodedown, N} -> N end')).toBe(`'${node.name}'`)
    expect(await node.disconnect(erl.name)).toBe(false)
    expect(await node.ping(erl.name)).toBe(true)
  })

  it('ends with nodedown when the peer dies', async () => {
    const other = await ErlNode.start({ epmdPort: erl.epmdPort })
    const node = await start()
    await node.connect(other.name)
    const down = once(node, 'nodedown')
    other.signal('SIGKILL')
    expect((await withDeadline(down, 'nodedown'))[0]).toBe(other.name)
    expect(node.peers).toEqual([])
    await other.stop()
  })

  it('is made at once by a new node under the name of one that has gone', async () => {
    const name = uniqueName('js')
    for (let life = 0; life < 3; life += 1) {
      const node = await startBeside(erl, { name })
      expect(await node.ping(erl.name)).toBe(true)
      await node.stop()
    }
  })

  it('is taken over by a new node under the same name', async () => {
    const name = uniqueName('js')
    const address = { host: '127.0.0.1', port: await distributionPort(erl) }
    const old = await start({ name, epmd: 'none' })
    await old.connect(erl.name, address)
    const down = once(old, 'nodedown')
    const fresh = await start({ name, epmd: 'none' })
    await fresh.connect(erl.name, address)
    expect((await withDeadline(down, 'nodedown'))[0]).toBe(erl.name)
    expect(await fresh.ping(erl.name)).toBe(true)
  })
})

async function distributionPort(node: ErlNode): Promise<number> {
  const alive = node.name.split('@')[0]
  const names = `{ok, Names} = erl_epmd:names({127,0,0,1}), proplists:get_value("${alive}", Names)`
  return Number(await node.eval(names))
}

describe('nodes of one process', () => {
  it('talk to each other, also without Erlang and epmd', async () => {
    const port = await freePort()
    process.env.ERL_EPMD_PORT = String(port)
    const [a, b] = await Promise.all(
      ['a', 'b'].map((alive) =>
        ErlangNode.start({ name: uniqueName(alive), cookie: 'x', epmd: 'embedded' }),
      ),
    )
    delete process.env.ERL_EPMD_PORT
    if (a === undefined || b === undefined) throw new Error('two nodes were started')
    nodes.push(a, b)
    b.expose('math', { double: (x: number) => 2 * x })
    expect(await a.rpc(b.name, 'math', 'double', [21])).toBe(42)
    expect(await a.ping(b.name)).toBe(true)
    await a.stop()
    await expect(b.rpc(a.name, 'erlang', 'node')).rejects.toMatchObject({
      code: 'ERR_ERL_NODE_NOT_FOUND',
    })
  })
})

describe('a node that has stopped', () => {
  it('rejects calls, sends and connects with ERR_ERL_CLOSED, and stops twice', async () => {
    const node = await startBeside(erl)
    await node.connect(erl.name)
    const pending = node.rpc(erl.name, 'timer', 'sleep', [10_000])
    const refused = expect(pending).rejects.toMatchObject({ code: 'ERR_ERL_CLOSED' })
    const closed = once(node, 'close')
    await Promise.all([node.stop(), node.stop()])
    await refused
    await closed
    await node.stop()
    await expect(node.rpc(erl.name, 'erlang', 'node')).rejects.toMatchObject({
      code: 'ERR_ERL_CLOSED',
    })
    await expect(node.send({ name: 'x', node: erl.name }, 1)).rejects.toMatchObject({
      code: 'ERR_ERL_CLOSED',
    })
    await expect(node.connect(erl.name)).rejects.toMatchObject({ code: 'ERR_ERL_CLOSED' })
    expect(() => node.register('late', () => undefined)).toThrow(
      expect.objectContaining({ code: 'ERR_ERL_CLOSED' }),
    )
  })

  it('writes what was sent before', async () => {
    const node = await startBeside(erl)
    await node.connect(erl.name)
    void node.send({ name: 'observer', node: erl.name }, Buffer.alloc(1_000_000))
    void node.send({ name: 'observer', node: erl.name }, 'last')
    await node.stop()
    await erl.observed.next('the large message')
    expect(await erl.observed.next('the last message')).toBe('<<"last">>')
  })

  it('stops while it dials', async () => {
    const node = await startBeside(erl)
    const dial = expect(node.connect(erl.name)).rejects.toMatchObject({ code: 'ERR_ERL_CLOSED' })
    await node.stop()
    await dial
  })
})
