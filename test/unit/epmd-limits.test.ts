import { afterEach, describe, expect, it, vi } from 'vitest'
import { registerAlive, registeredNames } from '../../lib/node/epmd/client.js'
import { NodeType } from '../../lib/node/epmd/protocol.js'
import { EpmdServer } from '../../lib/node/epmd/server.js'
import { closed, HalfOpen } from '../helpers/half-open.js'

const flood = new HalfOpen()
let server: EpmdServer
afterEach(async () => {
  vi.useRealTimers()
  flood.close()
  await server.close()
})

const endpoint = (timeoutMs = 3_000) => ({ host: '127.0.0.1', port: server.port, timeoutMs })

describe('an epmd of ours', () => {
  it('closes the oldest of those that ask nothing, and keeps those that hold a name', async () => {
    server = await EpmdServer.listen(0)
    const registration = await registerAlive(endpoint(), 'shop', 4001, NodeType.Hidden)
    const first = await flood.add(server.port)
    await flood.addAll(256, () => flood.add(server.port))
    await closed(first)
    expect(await registeredNames(endpoint())).toEqual([{ alive: 'shop', port: 4001 }])
    registration.destroy()
  })

  it('gives all of a request one time, however it comes', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    server = await EpmdServer.listen(0)
    const slow = await flood.add(server.port, { bytes: Buffer.of(0) })
    // The server has seen it when it has answered one that came later.
    const later = await flood.add(server.port, { bytes: Buffer.of(0, 1, 110) })
    await closed(later)
    vi.advanceTimersByTime(9_999)
    slow.write(Buffer.of(200))
    expect(slow.destroyed).toBe(false)
    vi.advanceTimersByTime(1)
    vi.useRealTimers()
    await closed(slow)
  })

  it('closes who announces more than any request, or a name with a line break', async () => {
    server = await EpmdServer.listen(0)
    await closed(await flood.add(server.port, { bytes: Buffer.of(255, 255) }))
    await expect(registerAlive(endpoint(), 'a\nname b', 1, NodeType.Hidden)).rejects.toThrow()
    expect(await registeredNames(endpoint())).toEqual([])
  })
})
