import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { Epmd } from '../helpers/epmd.js'
import { ErlNode, testCookie } from '../helpers/erl-node.js'
import { FarNode, type Side } from '../helpers/far-node.js'
import { NetNamespace, namespaceTrouble } from '../helpers/net-namespace.js'

const trouble = namespaceTrouble()
if (trouble !== undefined) process.stderr.write(`skipped: faults of name servers: ${trouble}\n`)

const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

/** A network whose programs ask the name servers of `resolvConf`. */
async function spaceWith(resolvConf: string): Promise<NetNamespace> {
  const space = await NetNamespace.make()
  closers.push(() => space.remove())
  const folder = `/etc/netns/${space.name}`
  mkdirSync(folder, { recursive: true })
  closers.push(() => rmSync(folder, { recursive: true }))
  writeFileSync(path.join(folder, 'resolv.conf'), resolvConf)
  writeFileSync(path.join(folder, 'nsswitch.conf'), 'hosts: files dns\n')
  return space
}

async function startFar(space: NetNamespace, connectTimeoutMs = 7_000): Promise<FarNode> {
  const far = await FarNode.start(
    {
      name: 'js@127.0.0.1',
      cookie: testCookie,
      epmd: 'none',
      connectTimeoutMs,
      reconnect: { minMs: 10, maxMs: 200 },
    },
    { within: space.within },
  )
  closers.push(() => far.stop())
  return far
}

/**
 * A name server at 127.0.0.1 in the network of `far`, which says what `kept.answer` is: an address,
 * `none` (NXDOMAIN), or nothing at all.
 */
function serveNames(far: FarNode): Promise<void> {
  return far.run(async (side) => {
    const { createSocket } = process.getBuiltinModule('node:dgram')
    const server = createSocket('udp4')
    server.on('message', (query, from) => {
      const answer = side.kept.answer
      if (answer === undefined) return
      // The question ends with the zero byte of its name, its type and its class.
      const end = query.indexOf(0, 12) + 5
      const isAddress = answer !== 'none' && query.readUInt16BE(end - 4) === 1
      const head = Buffer.from(query.subarray(0, end))
      head.writeUInt16BE(answer === 'none' ? 0x8183 : 0x8180, 2)
      head.writeUInt16BE(isAddress ? 1 : 0, 6)
      head.fill(0, 8, 12)
      const numbers = String(answer).split('.').map(Number)
      const record = Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, ...numbers])
      server.send(isAddress ? Buffer.concat([head, record]) : head, from.port, from.address)
    })
    server.bind(53, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
  })
}

const answer = (far: FarNode, what: string | undefined) =>
  far.run((side, value) => {
    side.kept.answer = value
  }, what)

const connect = (side: Side, timeoutMs: number, whenDown: 'fail' | 'wait') =>
  side.node.connect('shop@shop.faults.example', {
    host: 'shop.faults.example',
    port: 9,
    timeoutMs,
    whenDown,
  })

describe.skipIf(trouble !== undefined)('a name server', () => {
  it('that does not run: the error says that none answers', async () => {
    const space = await spaceWith('nameserver 127.0.0.1\noptions timeout:1 attempts:1\n')
    const far = await startFar(space)
    await expect(far.run(connect, 5_000, 'fail')).rejects.toMatchObject({
      code: 'ERR_ERL_UNKNOWN_HOST',
      message: expect.stringMatching(/no name server says where the host .*resolv\.conf/),
      cause: { code: 'EAI_AGAIN' },
    })
  })

  it('that knows no such host: the error says that', async () => {
    const space = await spaceWith('nameserver 127.0.0.1\noptions timeout:1 attempts:1\n')
    const far = await startFar(space)
    await serveNames(far)
    await answer(far, 'none')
    await expect(far.run(connect, 5_000, 'fail')).rejects.toMatchObject({
      code: 'ERR_ERL_UNKNOWN_HOST',
      message: expect.stringContaining('"shop.faults.example" has no address'),
      cause: { code: 'ENOTFOUND' },
    })
  })

  it('that is silent: the dial ends after connectTimeoutMs, whatever the system waits', async () => {
    const space = await spaceWith('nameserver 127.0.0.1\noptions timeout:10 attempts:2\n')
    const far = await startFar(space, 500)
    await serveNames(far)
    await expect(far.run(connect, 60_000, 'fail')).rejects.toMatchObject({
      code: 'ERR_ERL_TIMEOUT',
      message: expect.stringMatching(/no name server said within (500|499) ms/),
    })
  })

  it('that comes back: who waits is connected then', async () => {
    const space = await spaceWith('nameserver 127.0.0.1\noptions timeout:1 attempts:1\n')
    const far = await startFar(space)
    await serveNames(far)
    await answer(far, 'none')
    const epmd = await Epmd.start(4369, { within: space.within })
    closers.push(() => epmd.stop())
    const erl = await ErlNode.start({
      name: 'shop@shop.faults.example',
      epmdPort: 4369,
      within: space.within,
    })
    closers.push(() => erl.stop())
    const port = Number(
      await erl.eval(
        '{ok, Names} = erl_epmd:names({127,0,0,1}), proplists:get_value("shop", Names)',
      ),
    )
    const connected = far.run(
      (side, to, at) =>
        side.node.connect(to, {
          host: 'shop.faults.example',
          port: at,
          timeoutMs: 20_000,
          whenDown: 'wait',
        }),
      erl.name,
      port,
    )
    const isUnknown = (_peer: string, { error }: { error: { code: string } }) =>
      error.code === 'ERR_ERL_UNKNOWN_HOST'
    await far.heard('redial', isUnknown as () => boolean)
    await answer(far, '127.0.0.1')
    await connected
    expect(await far.run((side, to) => side.node.rpc(to, 'erlang', 'abs', [-1]), erl.name)).toBe(1)
  })
})
