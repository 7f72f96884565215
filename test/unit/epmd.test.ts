import { once } from 'node:events'
import { connect, createServer, type Server } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { portPlease, registerAlive, registeredNames } from '../../lib/node/epmd/client.js'
import { NodeType } from '../../lib/node/epmd/protocol.js'
import { EpmdRegistration } from '../../lib/node/epmd/registration.js'
import { EpmdServer } from '../../lib/node/epmd/server.js'
import { Epmd } from '../helpers/epmd.js'
import { freePort } from '../helpers/ports.js'
import { withDeadline } from '../helpers/waiting.js'

const closers: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

const endpoint = (port: number, timeoutMs = 3_000) => ({ host: '127.0.0.1', port, timeoutMs })

async function ownEpmd(port = 0): Promise<EpmdServer> {
  const server = await EpmdServer.listen(port)
  closers.push(() => server.close())
  return server
}

async function realEpmd(): Promise<Epmd> {
  const epmd = await Epmd.start()
  closers.push(() => epmd.stop())
  return epmd
}

/** Asks until epmd has `alive`; each answer of epmd is an event, so nothing sleeps. */
async function whenRegistered(port: number, alive: string): Promise<number> {
  for (;;) {
    const found = await registeredNames(endpoint(port)).catch(() => [])
    const entry = found.find((candidate) => candidate.alive === alive)
    if (entry !== undefined) return entry.port
  }
}

describe('asking an epmd that is not there, or is none', () => {
  it('rejects with ERR_ERL_NO_EPMD and says what to do', async () => {
    const port = await freePort()
    await expect(portPlease(endpoint(port), 'shop')).rejects.toMatchObject({
      code: 'ERR_ERL_NO_EPMD',
      message: expect.stringContaining('epmd -daemon'),
    })
  })

  it('rejects with ERR_ERL_UNKNOWN_HOST for a host without address', async () => {
    const epmd = { host: 'no-such-host.invalid', port: 4369, timeoutMs: 3_000 }
    await expect(portPlease(epmd, 'shop')).rejects.toMatchObject({ code: 'ERR_ERL_UNKNOWN_HOST' })
  })

  it('rejects with ERR_ERL_TIMEOUT when nothing answers', async () => {
    const silent = await listening(createServer())
    await expect(portPlease(endpoint(silent, 50), 'shop')).rejects.toMatchObject({
      code: 'ERR_ERL_TIMEOUT',
    })
  })

  it('rejects with ERR_ERL_NO_EPMD when the connection ends without an answer', async () => {
    const rude = await listening(createServer((socket) => socket.end()))
    await expect(registeredNames(endpoint(rude))).rejects.toMatchObject({
      code: 'ERR_ERL_NO_EPMD',
    })
  })

  async function listening(server: Server): Promise<number> {
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    closers.push(async () => server.close())
    const address = server.address()
    return typeof address === 'object' && address !== null ? address.port : 0
  }
})

describe.each([
  ['the epmd of Erlang', realEpmd],
  ['our epmd', ownEpmd],
])('%s', (_, start) => {
  it('refuses a name that is taken', async () => {
    const { port } = await start()
    const socket = await registerAlive(endpoint(port), 'shop', 4711, NodeType.Hidden)
    await expect(
      registerAlive(endpoint(port), 'shop', 4712, NodeType.Hidden),
    ).rejects.toMatchObject({
      code: 'ERR_ERL_NAME_IN_USE',
    })
    socket.destroy()
  })

  it('does not find what is not registered', async () => {
    const { port } = await start()
    await expect(portPlease(endpoint(port), 'nobody')).rejects.toMatchObject({
      code: 'ERR_ERL_NODE_NOT_FOUND',
    })
  })

  it('finds and lists what is registered, until the connection ends', async () => {
    const { port } = await start()
    const socket = await registerAlive(endpoint(port), 'shop', 4711, NodeType.Visible)
    expect(await portPlease(endpoint(port), 'shop')).toBe(4711)
    expect(await registeredNames(endpoint(port))).toEqual([{ alive: 'shop', port: 4711 }])
    const gone = once(socket, 'close')
    socket.end()
    await gone
    expect(await registeredNames(endpoint(port))).toEqual([])
  })

  it('takes names that are not ASCII', async () => {
    const { port } = await start()
    const socket = await registerAlive(endpoint(port), 'büro', 4711, NodeType.Hidden)
    expect(await portPlease(endpoint(port), 'büro')).toBe(4711)
    socket.destroy()
  })
})

describe('our epmd', () => {
  it.each([
    ['KILL', [0, 1, 107]],
    ['STOP', [0, 2, 115, 120]],
    ['a request without a tag', [0, 0]],
    ['a truncated registration', [0, 5, 120, 1, 2, 3, 4]],
    ['a length that no request has', [255, 255, 120]],
  ])('closes the connection on %s and lives on', async (_, bytes) => {
    const { port } = await ownEpmd()
    const socket = connect(port, '127.0.0.1')
    const ended = once(socket, 'close')
    socket.resume()
    socket.write(Buffer.from(bytes))
    await withDeadline(ended, 'the connection to end')
    expect(await registeredNames(endpoint(port))).toEqual([])
  })

  it('reads a request that comes in pieces', async () => {
    const { port } = await ownEpmd()
    const socket = connect({ port, host: '127.0.0.1', noDelay: true })
    const answer = once(socket, 'data')
    for (const byte of [0, 5, 122, 115, 104, 111, 112]) socket.write(Buffer.of(byte))
    expect((await answer)[0]).toEqual(Buffer.of(119, 1))
    socket.destroy()
  })

  it('answers old registrations with the old answer', async () => {
    const { port } = await ownEpmd()
    const socket = connect(port, '127.0.0.1')
    const answer = once(socket, 'data')
    // highest version 5: the answer is ALIVE2_RESP, with a creation of 1 to 3
    socket.write(
      Buffer.from([0, 17, 120, 18, 52, 77, 0, 0, 5, 0, 5, 0, 4, 115, 104, 111, 112, 0, 0]),
    )
    const [bytes] = await answer
    expect([...bytes.subarray(0, 2)]).toEqual([121, 0])
    expect(bytes.readUInt16BE(2)).toBeGreaterThanOrEqual(1)
    expect(bytes.readUInt16BE(2)).toBeLessThanOrEqual(3)
    expect(await portPlease(endpoint(port), 'shop')).toBe(0x1234)
    socket.destroy()
  })
})

describe('a registration', () => {
  const registrant = { alive: 'web', port: 4711, hidden: true, onLoopback: true }
  const told: string[] = []
  const listener = {
    epmdDown: ({ code }: { code: string }) => told.push(`down: ${code}`),
    epmdUp: () => told.push('up'),
  }
  beforeEach(() => {
    told.length = 0
  })
  async function untilTold(what: string): Promise<void> {
    while (!told.includes(what)) await turn()
  }

  it('fails at once when the name is taken', async () => {
    const { port } = await realEpmd()
    const choice = { policy: 'auto', host: '127.0.0.1', port } as const
    const first = await EpmdRegistration.open(choice, registrant, listener)
    closers.push(() => first.close())
    await expect(EpmdRegistration.open(choice, registrant, listener)).rejects.toMatchObject({
      code: 'ERR_ERL_NAME_IN_USE',
    })
  })

  it('gives the name back when it is closed, also twice', async () => {
    const { port } = await realEpmd()
    const choice = { policy: 'auto', host: '127.0.0.1', port } as const
    const first = await EpmdRegistration.open(choice, registrant, listener)
    await Promise.all([first.close(), first.close()])
    const second = await EpmdRegistration.open(choice, registrant, listener)
    await second.close()
  })

  it('is made again when epmd comes back', async () => {
    const epmd = await realEpmd()
    const choice = { policy: 'given', host: '127.0.0.1', port: epmd.port } as const
    const registration = await EpmdRegistration.open(choice, registrant, listener)
    closers.push(() => registration.close())
    await epmd.stop()
    const next = await Epmd.start(epmd.port)
    closers.push(() => next.stop())
    expect(await withDeadline(whenRegistered(epmd.port, 'web'), 'web to register again')).toBe(4711)
    await withDeadline(untilTold('up'), 'that to be told')
    // Nothing is told of the attempts between.
    expect(told).toEqual(['down: ERR_ERL_NO_EPMD', 'up'])
  })

  it('tells that its name is taken, when another node was quicker at the next epmd', async () => {
    const epmd = await realEpmd()
    const choice = { policy: 'given', host: '127.0.0.1', port: epmd.port } as const
    const registration = await EpmdRegistration.open(choice, registrant, listener)
    closers.push(() => registration.close())
    await epmd.stop()
    const taken = Buffer.of(118, 1, 0, 0, 0, 0)
    const next = createServer((socket) => socket.once('data', () => socket.end(taken)))
    next.listen(epmd.port, '127.0.0.1')
    closers.push(async () => next.close())
    await withDeadline(untilTold('down: ERR_ERL_NAME_IN_USE'), 'the theft to be told')
  })

  it('starts an epmd of its own when there is none, and shares it', async () => {
    const port = await freePort()
    const choice = { policy: 'embedded', host: '127.0.0.1', port } as const
    const [first, second] = await Promise.all([
      EpmdRegistration.open(choice, registrant, listener),
      EpmdRegistration.open(choice, { ...registrant, alive: 'shop' }, listener),
    ])
    expect((await registeredNames(endpoint(port))).map(({ alive }) => alive).sort()).toEqual([
      'shop',
      'web',
    ])
    await first.close()
    expect(await registeredNames(endpoint(port))).toEqual([{ alive: 'shop', port: 4711 }])
    await second.close()
    await expect(registeredNames(endpoint(port))).rejects.toMatchObject({ code: 'ERR_ERL_NO_EPMD' })
  })

  it('moves to an epmd that it starts itself when that of another process ends', async () => {
    const foreign = await ownEpmd()
    const choice = { policy: 'embedded', host: '127.0.0.1', port: foreign.port } as const
    const registration = await EpmdRegistration.open(choice, registrant, listener)
    closers.push(() => registration.close())
    await foreign.close()
    expect(await withDeadline(whenRegistered(foreign.port, 'web'), 'web to register')).toBe(4711)
  })

  it('does not start an epmd where something else listens', async () => {
    const server = createServer((socket) => socket.end('no epmd\n'))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    closers.push(async () => server.close())
    const address = server.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    const choice = { policy: 'embedded', host: '127.0.0.1', port } as const
    await expect(EpmdRegistration.open(choice, registrant, listener)).rejects.toMatchObject({
      code: 'ERR_ERL_NO_EPMD',
      message: expect.stringContaining('ERL_EPMD_PORT'),
    })
  })
})
