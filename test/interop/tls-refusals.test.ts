import { connect } from 'node:net'
import type { Drop, ErlangNode } from 'beamlink'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { ErlNode } from '../helpers/erl-node.js'
import { startBeside } from '../helpers/local-node.js'
import { Authority, type Credentials } from '../helpers/tls/certificates.js'
import { placeForErl, startTlsErl } from '../helpers/tls/tls-erl.js'
import { until } from '../helpers/waiting.js'

let authority: Authority
let stranger: Authority
let leaf: Credentials
let expired: Credentials
let strange: Credentials
let erl: ErlNode
beforeAll(async () => {
  authority = new Authority()
  stranger = new Authority()
  leaf = authority.leaf('leaf')
  expired = authority.leaf('expired', { days: -1 })
  strange = stranger.leaf('strange')
  const optfile = authority.optfile(leaf)
  authority.optfile(expired)
  stranger.optfile(strange)
  placeForErl(authority, stranger)
  erl = await startTlsErl(optfile)
})
afterAll(async () => {
  await erl.stop()
  authority.remove()
  stranger.remove()
})

const nodes: { stop(): Promise<void> }[] = []
afterEach(async () => {
  await Promise.all(nodes.splice(0).map((node) => node.stop()))
})

async function start(options: Parameters<typeof startBeside>[1]): Promise<ErlangNode> {
  const node = await startBeside(erl, options)
  nodes.push(node)
  return node
}

async function startErl(optfile: string): Promise<ErlNode> {
  const node = await startTlsErl(optfile, { epmdPort: erl.epmdPort })
  nodes.push(node)
  return node
}

async function failureOf(tls: Record<string, unknown>): Promise<unknown> {
  const node = await start({ tls, listen: false })
  return node.connect(erl.name).catch((error: unknown) => error)
}

/** How our node tells of the next caller that it turns away. */
async function refusal(node: ErlangNode, call: () => Promise<unknown>): Promise<Drop> {
  const told = until(node, 'drop', ({ reason }: Drop) => reason === 'refused')
  await call()
  const [drop] = await told
  expect(node.stats().drops.refused).toBeGreaterThan(0)
  return drop
}

describe('a node with tls that dials', () => {
  it('does not trust a peer of another authority', async () => {
    expect(await failureOf({ ...leaf, ca: strange.ca })).toMatchObject({
      code: 'ERR_ERL_AUTH',
      message: expect.stringMatching(/certificate of .* is not trusted: its authority is not the/),
    })
  })

  it('does not trust the authorities that Node brings either', () => {
    const { key, cert } = leaf
    return expect(startBeside(erl, { tls: { key, cert } })).rejects.toThrow(
      'tls needs the authority that peers are trusted by (ca; in an optfile cacertfile)',
    )
  })

  it('is told that the peer does not trust it', async () => {
    expect(await failureOf({ ...strange, ca: leaf.ca })).toMatchObject({
      code: 'ERR_ERL_AUTH',
      message: expect.stringMatching(/does not trust our certificate \(.*(unknown ca|bad cert)/),
    })
    expect(await failureOf({ ...expired })).toMatchObject({
      code: 'ERR_ERL_AUTH',
      message: expect.stringMatching(/does not trust our certificate \(.*(expired)/),
    })
    expect(await failureOf({ ca: leaf.ca })).toMatchObject({
      code: 'ERR_ERL_AUTH',
      message: expect.stringMatching(/does not trust our certificate/),
    })
  })

  it('wants the certificate to name the host of the peer, unless checkName is false', async () => {
    const elsewhere = authority.leaf('elsewhere', { names: 'DNS:shop.example.org' })
    const optfile = authority.optfile(elsewhere)
    placeForErl(authority)
    const peer = await startErl(optfile)
    const strict = await start({ tls: leaf, listen: false })
    await expect(strict.connect(peer.name)).rejects.toMatchObject({
      code: 'ERR_ERL_AUTH',
      message: expect.stringContaining('is of another host'),
    })
    const lax = await start({ tls: { ...leaf, checkName: false }, listen: false })
    await lax.connect(peer.name)
  })

  it('agrees on a version, or says that there is none in common', async () => {
    const versions = "{versions, ['tlsv1.2']}, "
    const optfile = authority.optfile(authority.leaf('old'), { server: versions, client: versions })
    placeForErl(authority)
    const old = await startErl(optfile)
    const either = await start({ tls: leaf, listen: false })
    await either.connect(old.name)
    const newer = await start({ tls: { ...leaf, minVersion: 'TLSv1.3' }, listen: false })
    await expect(newer.connect(old.name)).rejects.toMatchObject({
      code: 'ERR_ERL_PROTOCOL',
      message: expect.stringContaining('no version or cipher of TLS in common'),
    })
  })

  it('takes every certificate with verify none', async () => {
    const node = await start({ tls: { ...leaf, ca: strange.ca, verify: 'none' }, listen: false })
    await node.connect(erl.name)
  })

  it('still asks for the cookie', async () => {
    const node = await start({ tls: leaf, cookie: 'another', listen: false })
    await expect(node.connect(erl.name)).rejects.toMatchObject({ code: 'ERR_ERL_AUTH' })
  })

  it('says that a peer may be without TLS', async () => {
    const plain = await ErlNode.start({ epmdPort: erl.epmdPort })
    nodes.push(plain)
    const node = await start({ tls: leaf, connectTimeoutMs: 1_500, listen: false })
    await expect(node.connect(plain.name)).rejects.toThrow(
      /another kind of distribution|a node without TLS/,
    )
  })

  it('says so too when that peer closes the connection at what it takes for no handshake', async () => {
    const plain = await start({})
    const node = await start({ tls: leaf, listen: false })
    await expect(node.connect(plain.name)).rejects.toMatchObject({
      code: 'ERR_ERL_NOCONNECTION',
      message: `${plain.name} closed the connection before TLS was agreed; it may be a node without TLS`,
    })
  })

  it('and one without, that a peer may take TLS only', async () => {
    const node = await start({ listen: false, connectTimeoutMs: 1_500 })
    await expect(node.connect(erl.name)).rejects.toThrow(/TLS/)
  })
})

describe('a node with tls that is called', () => {
  const ping = (peer: ErlNode, node: ErlangNode) => async () => {
    expect(await peer.eval(`net_adm:ping('${node.name}')`)).toBe('pang')
  }

  it.each([
    [
      'of another authority',
      () => stranger.optfile({ ...strange, ca: leaf.ca }),
      /authority is not/,
    ],
    ['whose certificate has expired', () => authority.optfile(expired), /it has expired/],
  ])('turns away a peer %s', async (_, optfile, why) => {
    const node = await start({ tls: leaf })
    const file = optfile()
    placeForErl(authority, stranger)
    const peer = await startErl(file)
    const drop = await refusal(node, ping(peer, node))
    expect(drop.peer).toBe('127.0.0.1')
    expect(drop.detail).toMatch(why)
  })

  it('turns away a peer without certificate, which hears that it may be for that', async () => {
    const node = await start({ tls: leaf })
    const bare = await start({ tls: { ca: leaf.ca }, listen: false })
    const drop = await refusal(node, () =>
      expect(bare.connect(node.name)).rejects.toMatchObject({
        code: 'ERR_ERL_REFUSED',
        message: expect.stringContaining('does not trust our certificate'),
      }),
    )
    expect(drop.detail).toBe('it showed no certificate')
    const lenient = await start({ tls: { ...leaf, requireCertificate: false } })
    await bare.connect(lenient.name)
  })

  it('turns away a peer without TLS, and says so', async () => {
    const node = await start({ tls: leaf })
    const plain = await ErlNode.start({ epmdPort: erl.epmdPort })
    nodes.push(plain)
    expect(await refusal(node, ping(plain, node))).toMatchObject({
      peer: '127.0.0.1',
      detail: 'it does not speak TLS, and this node takes nothing else',
    })
  })

  it('lets nobody wait for ever, nor many keep a good peer out', async () => {
    const node = await start({ tls: leaf, handshakeTimeoutMs: 60_000 })
    const { host = '', port = 0 } = node.address ?? {}
    const silent = Array.from({ length: 1_000 }, () => connect(port, host).on('error', () => {}))
    await refusal(node, async () => undefined)
    const before = performance.now()
    expect(await erl.eval(`net_adm:ping('${node.name}')`)).toBe('pong')
    // A second is enough on a machine that has nothing else to do.
    expect(performance.now() - before).toBeLessThan(3_000)
    for (const socket of silent) socket.destroy()
  })

  it('gives up a caller that does not agree on TLS in time', async () => {
    const node = await start({ tls: leaf, handshakeTimeoutMs: 100 })
    const { host = '', port = 0 } = node.address ?? {}
    const silent = connect(port, host)
    const drop = await refusal(node, async () => undefined)
    expect(drop.detail).toBe('it did not agree on TLS in time')
    silent.destroy()
  })
})
