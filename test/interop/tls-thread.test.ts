import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { constants, fstatSync, mkdtempSync, openSync, rmSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createServer, type Server } from 'node:tls'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { resolveTls } from '../../lib/node/tls/options.js'
import { TlsThread } from '../../lib/node/tls/thread.js'
import { Authority, type Credentials, contentsOf } from '../helpers/tls/certificates.js'
import { deferred } from '../helpers/waiting.js'

let authority: Authority
let leaf: Credentials
let server: Server
let folder: string
beforeAll(async () => {
  authority = new Authority()
  leaf = authority.leaf('leaf')
  const { cert, key } = contentsOf(leaf)
  // In TLS 1.3 a client learns that its certificate is missing when it thinks that all is agreed.
  server = createServer({ cert, key, requestCert: true, rejectUnauthorized: true })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  folder = mkdtempSync(path.join(tmpdir(), 'beamlink-thread-'))
})
afterAll(() => {
  server.close()
  authority.remove()
  rmSync(folder, { recursive: true })
})

/** A descriptor that a thread can open as a stream. */
function descriptor(): number {
  const name = path.join(folder, 'pipe')
  execFileSync('mkfifo', [name])
  return openSync(name, constants.O_RDWR | constants.O_NONBLOCK)
}

function isOpen(end: number): boolean {
  try {
    fstatSync(end)
    return true
  } catch {
    return false
  }
}

it('closes a descriptor for a stream that has ended meanwhile, once', async () => {
  const failed = deferred<string>()
  const thread = new TlsThread(
    { choice: resolveTls({ ca: leaf.ca, checkName: false }, false), handshakeTimeoutMs: 5_000 },
    'tls of a test',
    { called: () => undefined, refused: () => undefined, failed: failed.resolve },
  )
  const { port } = server.address() as AddressInfo
  const refused = once(server, 'tlsClientError')
  const target = { peer: 'peer@127.0.0.1', host: '127.0.0.1', port }
  const stream = await thread.open(target, new AbortController().signal)
  await refused
  // What the thread tells meanwhile, that the stream is over, waits until this has been said.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300)
  const end = descriptor()
  stream.join(end)
  expect(await stream.end()).toMatchObject({ code: 'ERR_ERL_AUTH' })
  // The thread answers what comes later, and has closed the descriptor by then.
  const second = thread.open(target, new AbortController().signal)
  await Promise.race([second, failed.promise.then((why) => Promise.reject(new Error(why)))])
  await expect.poll(() => isOpen(end)).toBe(false)
  await thread.terminate()
})
