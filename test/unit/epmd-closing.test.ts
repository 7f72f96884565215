import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { registeredNames } from '../../lib/node/epmd/client.js'
import { namesResponse } from '../../lib/node/epmd/protocol.js'
import { EpmdRegistration } from '../../lib/node/epmd/registration.js'
import { Arrivals, withDeadline } from '../helpers/waiting.js'

const closers: (() => unknown)[] = []
afterEach(() => {
  vi.useRealTimers()
  for (const close of closers.splice(0)) close()
})

const registered = Buffer.of(118, 0, 0, 0, 0, 5)

/** An epmd that leaves its answers to the test. */
async function handAnswered() {
  const requests = new Arrivals<Socket>()
  const server = createServer((socket) => {
    closers.push(() => socket.destroy())
    socket.once('data', () => requests.push(socket))
    socket.on('error', () => undefined)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  closers.push(() => server.close())
  const { port } = server.address() as AddressInfo
  return { requests, server, port }
}

const registrant = { alive: 'web', port: 4711, hidden: true, onLoopback: true }
const listener = { epmdDown: () => undefined, epmdUp: () => undefined }

/** One that has lost its epmd and asks it again: `asked` is the connection on which it waits. */
async function askingAgain(policy: 'given' | 'embedded') {
  const epmd = await handAnswered()
  const choice = { policy, host: '127.0.0.1', port: epmd.port } as const
  const opening = EpmdRegistration.open(choice, registrant, listener)
  if (policy === 'embedded') {
    const names = await epmd.requests.next('the question whether it is an epmd')
    names.end(namesResponse(epmd.port, []))
  }
  const first = await epmd.requests.next('the registration')
  first.write(registered)
  const registration = await opening
  first.destroy()
  const asked = await epmd.requests.next('the next attempt')
  return { ...epmd, registration, asked }
}

describe('a registration that is closed while it is made again', () => {
  it('gives the name back that it gets meanwhile', async () => {
    const { registration, asked } = await askingAgain('given')
    const order: string[] = []
    asked.once('end', () => order.push('given back'))
    const closing = registration.close().then(() => order.push('closed'))
    asked.write(registered)
    await withDeadline(closing, 'the registration to close')
    expect(order).toEqual(['given back', 'closed'])
  })

  it('leaves no epmd of its own behind', async () => {
    const { registration, asked, server, port } = await askingAgain('embedded')
    const order: string[] = []
    asked.once('close', () => order.push('no epmd'))
    const closing = registration.close().then(() => order.push('closed'))
    // Nobody is there any more, so that it starts one.
    server.close()
    asked.destroy()
    await withDeadline(closing, 'the registration to close')
    expect(order).toEqual(['no epmd', 'closed'])
    const epmd = { host: '127.0.0.1', port, timeoutMs: 3_000 }
    await expect(registeredNames(epmd)).rejects.toMatchObject({ code: 'ERR_ERL_NO_EPMD' })
  })

  it('does not wait for an epmd that is mute, and gives back what comes later', async () => {
    const { registration, asked } = await askingAgain('given')
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const closing = registration.close()
    vi.advanceTimersByTime(5_000)
    await closing
    vi.useRealTimers()
    const givenBack = once(asked, 'end')
    asked.write(registered)
    await withDeadline(givenBack, 'the name to be given back')
  })
})
