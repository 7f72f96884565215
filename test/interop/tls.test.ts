import { randomBytes } from 'node:crypto'
import { type ErlangNode, text } from 'beamlink'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { ErlNode } from '../helpers/erl-node.js'
import { startBeside } from '../helpers/local-node.js'
import { uniqueName } from '../helpers/names.js'
import { Authority, type Credentials, contentsOf } from '../helpers/tls/certificates.js'
import { placeForErl, startTlsErl } from '../helpers/tls/tls-erl.js'
import { Arrivals, until, withDeadline } from '../helpers/waiting.js'

const mebibyte = 1024 * 1024
/** Ticks go every quarter of it; a node that is silent for longer than it is given up. */
const tickTimeS = 4

let authority: Authority
let leaf: Credentials
let optfile: string
let erl: ErlNode
beforeAll(async () => {
  authority = new Authority()
  leaf = authority.leaf('leaf')
  optfile = authority.optfile(leaf)
  placeForErl(authority)
  erl = await startTlsErl(optfile, { args: ['-kernel', 'net_ticktime', String(tickTimeS)] })
})
afterAll(async () => {
  await erl.stop()
  authority.remove()
})

const nodes: ErlangNode[] = []
afterEach(async () => {
  await Promise.all(nodes.splice(0).map((node) => node.stop()))
})

async function start(options: Parameters<typeof startBeside>[1] = {}): Promise<ErlangNode> {
  const node = await startBeside(erl, { tls: leaf, netTicktimeS: tickTimeS, ...options })
  nodes.push(node)
  return node
}

describe('a node with tls and one of erl -proto_dist inet_tls', () => {
  it.each([
    ['files', () => ({ tls: leaf })],
    ['contents of files', () => ({ tls: contentsOf(leaf) })],
    ['the file that erl has', () => ({ tls: { optfile } })],
  ])('call each other, whoever connects, with %s', async (_, options) => {
    for (const dials of ['ours', 'theirs']) {
      const node = await start(options())
      node.expose('shop', { total: (a: number, b: number) => a + b })
      if (dials === 'ours') await node.connect(erl.name)
      else expect(await erl.eval(`net_adm:ping('${node.name}')`)).toBe('pong')
      expect(node.peerAddress(erl.name)).toEqual({
        host: '127.0.0.1',
        isIncoming: dials === 'theirs',
      })
      expect(await node.rpc(erl.name, 'lists', 'seq', [1, 3])).toEqual([1, 2, 3])
      expect(await erl.eval(`rpc:call('${node.name}', shop, total, [40, 2])`)).toBe('42')
      await node.stop()
    }
  })

  it('keep the order of messages, both ways', async () => {
    const node = await start()
    const seen: unknown[] = []
    const last = new Arrivals<number>()
    node.register('inbox', (message) => {
      seen.push(message)
      if (message === 5_000) last.push(5_000)
    })
    await erl.eval(`[{inbox, '${node.name}'} ! N || N <- lists:seq(1, 5000)], ok`)
    await last.next('the last message')
    expect(seen).toEqual(Array.from({ length: 5_000 }, (_, i) => i + 1))

    const session = erl.session()
    await session.eval('register(sink, self())')
    for (let i = 1; i <= 5_000; i += 1) void node.send({ name: 'sink', node: erl.name }, i)
    const received =
      'lists:all(fun(N) -> receive N -> true after 5000 -> false end end, lists:seq(1, 5000))'
    expect(await session.eval(received)).toBe('true')
  })

  it('exchange binaries of 64 MiB', async () => {
    const node = await start()
    const sent = randomBytes(64 * mebibyte)
    const back = await node.rpc(erl.name, 'erlang', 'list_to_binary', [[sent]], {
      timeoutMs: 60_000,
    })
    expect(sent.equals(back as Buffer)).toBe(true)
  }, 60_000)

  it('stay connected while the event loop is blocked for more than the tick time', async () => {
    const node = await start()
    await node.connect(erl.name)
    await erl.eval(`
      Observer = whereis(observer),
      spawn(fun() ->
        ok = net_kernel:monitor_nodes(true, [{node_type, all}]),
        register(watcher, self()),
        Observer ! watching,
        receive {nodedown, '${node.name}', _} = Down -> Observer ! Down; stop -> ok end
      end)`)
    expect(await erl.observed.next()).toBe('watching')
    const told: string[] = []
    node.on('nodedown', (name) => told.push(name))
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1.5 * tickTimeS * 1_000)
    expect(await node.rpc(erl.name, 'erlang', 'abs', [-1])).toBe(1)
    expect(erl.observed.waiting).toBe(0)
    expect(told).toEqual([])
    await erl.eval('watcher ! stop')
  }, 30_000)

  it('tell that the peer was killed, and meet again when it is back', async () => {
    const name = uniqueName('mortal')
    const first = await startTlsErl(optfile, { name, epmdPort: erl.epmdPort })
    const node = await start()
    await node.connect(name)
    const down = until(node, 'nodedown', (peer: string) => peer === name)
    const pending = node.rpc(name, 'timer', 'sleep', [60_000], { timeoutMs: 60_000 })
    const failure = expect(pending).rejects.toMatchObject({ code: 'ERR_ERL_NOCONNECTION' })
    first.signal('SIGKILL')
    await down
    await failure
    await first.stop()
    const second = await startTlsErl(optfile, { name, epmdPort: erl.epmdPort })
    try {
      expect(await node.rpc(name, 'erlang', 'abs', [-7])).toBe(7)
    } finally {
      await second.stop()
    }
  }, 30_000)

  it('part when our node stops, with what was sent before', async () => {
    const node = await start()
    await node.connect(erl.name)
    await erl.eval(`
      Observer = whereis(observer),
      spawn(fun() ->
        register(last, self()),
        monitor_node('${node.name}', true),
        Observer ! ready,
        receive Last -> Observer ! byte_size(Last) end,
        receive {nodedown, _} -> Observer ! down end
      end), ok`)
    expect(await erl.observed.next()).toBe('ready')
    void node.send({ name: 'last', node: erl.name }, Buffer.alloc(8 * mebibyte))
    await withDeadline(node.stop(), 'the node to stop')
    expect(await erl.observed.next()).toBe(String(8 * mebibyte))
    expect(await erl.observed.next()).toBe('down')
  })

  it('hold back a sender whose messages nobody reads', async () => {
    const node = await start({ maxQueuedBytes: mebibyte })
    const reader = node.spawn({ name: 'reader' })
    await erl.eval(`
      Observer = whereis(observer),
      spawn(fun() ->
        [{reader, '${node.name}'} ! <<0:(8 * 1024 * 1024)>> || _ <- lists:seq(1, 64)],
        Observer ! sent
      end), ok`)
    const first = (await reader.receive()) as Buffer
    expect(first.length).toBe(mebibyte)
    // What is on its way is bounded by the marks of every part of it, far below 64 MiB.
    expect(node.stats().peers[erl.name]?.in).toBeLessThan(4 * mebibyte)
    expect(erl.observed.waiting).toBe(0)
    for (let i = 1; i < 64; i += 1) await reader.receive()
    expect(await erl.observed.next()).toBe('sent')
  }, 30_000)

  it('print in a console what functions write', async () => {
    const node = await start()
    const written: string[] = []
    await node.rpc(erl.name, 'io', 'format', ['over TLS'], {
      onOutput: (chunk) => void written.push(text(chunk)),
    })
    expect(written.join('')).toBe('over TLS')
  })
})
