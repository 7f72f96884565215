import type { Allow, Caller, Drop, ErlangNode } from 'beamlink'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { Epmd } from '../helpers/epmd.js'
import { startBeside } from '../helpers/local-node.js'
import { Authority, type Credentials } from '../helpers/tls/certificates.js'
import { until } from '../helpers/waiting.js'

let authority: Authority
let leaf: Credentials
let epmd: Epmd
beforeAll(async () => {
  authority = new Authority()
  leaf = authority.leaf('leaf')
  epmd = await Epmd.start()
})
afterAll(async () => {
  await epmd.stop()
  authority.remove()
})

const nodes: ErlangNode[] = []
afterEach(async () => {
  await Promise.all(nodes.splice(0).map((node) => node.stop()))
})

async function start(allow?: Allow): Promise<ErlangNode> {
  const beside = { cookie: 'secret', epmdPort: epmd.port }
  const node = await startBeside(beside, { tls: leaf, ...(allow === undefined ? {} : { allow }) })
  nodes.push(node)
  return node
}

describe('a function that says who may connect over TLS', () => {
  it('is told of the certificate that the peer has shown', async () => {
    const seen: Caller[] = []
    const target = await start((caller) => {
      seen.push(caller)
      return caller.certificate?.subject.CN !== undefined
    })
    const peer = await start()
    await peer.connect(target.name)
    expect(seen).toEqual([
      {
        name: peer.name,
        address: '127.0.0.1',
        certificate: {
          subject: expect.objectContaining({ CN: expect.any(String) }),
          issuer: expect.objectContaining({ CN: expect.any(String) }),
          subjectAltName: expect.any(String),
          fingerprint256: expect.stringMatching(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/),
          serialNumber: expect.stringMatching(/^[0-9A-F]+$/),
        },
      },
    ])
  })

  it('refuses by it, and the peer does not learn why', async () => {
    const target = await start(({ certificate }) => certificate?.fingerprint256 === 'AB:CD')
    const peer = await start()
    const told = until<[Drop]>(target, 'drop', ({ reason }: Drop) => reason === 'refused')
    await expect(peer.connect(target.name)).rejects.toMatchObject({
      message: expect.not.stringContaining('allow function'),
    })
    expect((await told)[0]).toEqual({
      reason: 'refused',
      peer: peer.name,
      address: '127.0.0.1',
      detail: 'the allow function refuses it',
    })
  })
})
