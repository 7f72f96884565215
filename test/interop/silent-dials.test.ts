import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import type { ErlangNode } from 'beamlink'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ErlNode } from '../helpers/erl-node.js'
import { startBeside } from '../helpers/local-node.js'
import { deferred, withDeadline } from '../helpers/waiting.js'

/** More than have threads at once. Each waits for longer than Erlang does for a connection, 7 s. */
const dials = 600
const timeoutMs = 25_000
/** So many of them are there before anybody calls. */
const enough = 200

describe('hundreds of dials that get no answer', () => {
  let erl: ErlNode
  let node: ErlangNode
  let silence: Server
  const sockets: Socket[] = []
  const reached = deferred<void>()
  beforeEach(async () => {
    erl = await ErlNode.start()
    node = await startBeside(erl, { connectTimeoutMs: timeoutMs })
    silence = createServer((socket) => {
      sockets.push(socket.on('error', () => undefined))
      if (sockets.length === enough) reached.resolve()
    })
    const listening = deferred<void>()
    silence.listen(0, '127.0.0.1', 511, () => listening.resolve())
    await withDeadline(listening.promise, 'the silent server')
  })
  afterEach(async () => {
    await node.stop()
    for (const socket of sockets) socket.destroy()
    silence.close()
    await erl.stop()
  })

  it('do not keep others from connecting', async () => {
    const { port } = silence.address() as AddressInfo
    let failed = 0
    for (let i = 0; i < dials; i += 1) {
      const to = { host: '127.0.0.1', port, timeoutMs }
      void node.connect(`silent${i}@127.0.0.1`, to).catch(() => {
        failed += 1
      })
    }
    await withDeadline(reached.promise, `${enough} dials`)
    expect(await erl.eval(`net_adm:ping('${node.name}')`)).toBe('pong')
    expect(failed).toBe(0)
  })
})
