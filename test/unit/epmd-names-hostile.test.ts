import { once } from 'node:events'
import { connect } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { registeredNames } from '../../lib/node/epmd/client.js'
import { alive2Request, NodeType, readNamesResponse } from '../../lib/node/epmd/protocol.js'
import { EpmdServer } from '../../lib/node/epmd/server.js'

describe('names that would read as something else', () => {
  let server: EpmdServer
  beforeEach(async () => {
    server = await EpmdServer.listen(0)
  })
  afterEach(() => server.close())

  const ask = async (request: Buffer) => {
    const socket = connect({ host: '127.0.0.1', port: server.port })
    socket.write(request)
    const answer = Buffer.concat(await socket.toArray())
    await Promise.resolve(socket.destroyed || once(socket, 'close'))
    return answer
  }
  const withName = (name: Buffer) => {
    const request = alive2Request('x'.repeat(name.length), 4711, NodeType.Hidden)
    name.copy(request, 13)
    return request
  }

  it.each([
    ['a line feed', Buffer.from('a at port 1\nname b')],
    ['a zero byte', Buffer.from('a\0')],
    ['no UTF-8', Buffer.of(97, 0xff)],
    ['nothing', Buffer.alloc(0)],
  ])('are not registered: with %s', async (_, name) => {
    expect(await ask(withName(name))).toHaveLength(0)
    const names = await registeredNames({ host: '127.0.0.1', port: server.port, timeoutMs: 3_000 })
    expect(names).toEqual([])
  })

  const answer = (text: string) => Buffer.from(`\0\0\x11\x11${text}`)

  it('are told apart in the answer of an epmd that takes them', () => {
    const text = 'name a\u2028b\r at port 1\nname name c at port 2 at port 3\n'
    expect(readNamesResponse(answer(text))).toEqual([
      { alive: 'a\u2028b\r', port: 1 },
      { alive: 'name c at port 2', port: 3 },
    ])
  })

  it.each(['name a at port 65536\n', 'name a at port 1', 'name  at port 1\n', '\n'])(
    'make no answer of %j',
    (text) => {
      expect(readNamesResponse(answer(text))).toBeUndefined()
    },
  )
})
