import { execFile, execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'
import { afterEach, describe, expect, it } from 'vitest'
import { Epmd } from '../helpers/epmd.js'
import { ErlNode, testCookie } from '../helpers/erl-node.js'
import { FarNode, type Side } from '../helpers/far-node.js'
import { uniqueName } from '../helpers/names.js'
import { NetNamespace, namespaceTrouble } from '../helpers/net-namespace.js'
import { expectFooting } from '../helpers/traffic.js'

const run = promisify(execFile)
const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

const rpcAbs = (side: Side, to: string) => side.node.rpc(to, 'erlang', 'abs', [-1])

describe('a first node that the system gives nothing for', () => {
  /** Counts what is open, takes the rest, starts, gives back, starts again. */
  const program = `
    const fs = require('node:fs')
    const { ErlangNode, encode } = require('beamlink')
    encode(1)
    const taken = []
    try { for (;;) taken.push(fs.openSync('/dev/null', 'r')) } catch {}
    const start = () => ErlangNode.start({ name: 'a@127.0.0.1', cookie: 'x', epmd: 'none' })
    const said = []
    const attempts = async () => {
      for (let left = 0; taken.length > 0; left += 1) {
        const node = await start().catch((error) => void said.push(error))
        if (node !== undefined) return node
        for (const descriptor of taken.splice(0, 1)) fs.closeSync(descriptor)
      }
    }
    attempts().then(async (node) => {
      await node.stop()
      console.log(JSON.stringify(said.map(({ code, message }) => [code, message])))
    })`

  it('says so for want of any of its descriptors, and starts when it has them', async () => {
    const { stdout } = await run('prlimit', ['--nofile=64', process.execPath, '-e', program], {
      cwd: path.join(__dirname, '../..'),
    })
    const said = JSON.parse(stdout) as [string, string][]
    expect(said.length).toBeGreaterThan(2)
    for (const [code, message] of said) {
      expect([code, message]).toEqual(['ERR_ERL_RESOURCES', expect.stringContaining('ulimit -n')])
    }
  })
})

/** Why there is no other user to run as; its limits are not root's. */
function otherUserTrouble(): string | undefined {
  const script = path.join(__dirname, '../fixtures/far-node.mjs')
  try {
    execFileSync('setpriv', [...otherUser, process.execPath, '-e', ''], { stdio: 'pipe' })
    execFileSync('setpriv', [...otherUser, 'cat', script], { stdio: 'pipe' })
    return undefined
  } catch (error) {
    return String(error).split('\n')[0]
  }
}
const otherUser = ['--reuid', '65534', '--regid', '65534', '--clear-groups']
const noOtherUser = otherUserTrouble()
if (noOtherUser !== undefined) process.stderr.write(`skipped: limits of a user: ${noOtherUser}\n`)

describe.skipIf(noOtherUser !== undefined)('a process that gets no more threads', () => {
  it('cannot dial, says which limit, keeps its connections, and dials when there are some', async () => {
    const epmd = await Epmd.start()
    closers.push(() => epmd.stop())
    const [erl, other] = await Promise.all([
      ErlNode.start({ epmdPort: epmd.port }),
      ErlNode.start({ epmdPort: epmd.port }),
    ])
    closers.push(
      () => erl.stop(),
      () => other.stop(),
    )
    const far = await FarNode.start(
      { name: uniqueName('js'), cookie: testCookie, epmd: { port: epmd.port } },
      { within: ['setpriv', ...otherUser] },
    )
    closers.push(() => far.stop())
    expect(await far.run(rpcAbs, erl.name)).toBe(1)
    const footing = await far.run((side) => side.footing())
    const threads = (soft: string) =>
      execFileSync('setpriv', [
        ...otherUser,
        ...['prlimit', '--pid', String(far.pid), `--nproc=${soft}:`],
      ])
    const before = /^Max processes\s+(\S+)/m.exec(
      readFileSync(`/proc/${far.pid}/limits`, 'utf8'),
    )?.[1]
    threads('1')
    await expect(far.run(rpcAbs, other.name)).rejects.toMatchObject({
      code: 'ERR_ERL_RESOURCES',
      message: expect.stringMatching(/no thread to be had.*ulimit -u/),
    })
    expect(await far.run(rpcAbs, erl.name)).toBe(1)
    threads(before ?? 'unlimited')
    expect(await far.run(rpcAbs, other.name)).toBe(1)
    await far.run((side, to) => side.node.disconnect(to), other.name)
    await expectFooting(far, footing)
  })
})

describe('a process that gets no more memory', () => {
  it('loses the connection over which a frame comes that does not fit, says so, and lives', async () => {
    const epmd = await Epmd.start()
    closers.push(() => epmd.stop())
    const erl = await ErlNode.start({ epmdPort: epmd.port })
    closers.push(() => erl.stop())
    const far = await FarNode.start({
      name: uniqueName('js'),
      cookie: testCookie,
      epmd: { port: epmd.port },
      reconnect: { keep: [erl.name], minMs: 10, maxMs: 200 },
    })
    closers.push(() => far.stop())
    expect(await far.run(rpcAbs, erl.name)).toBe(1)
    const [, kib] =
      /^VmSize:\s+(\d+) kB/m.exec(readFileSync(`/proc/${far.pid}/status`, 'utf8')) ?? []
    const spare = 50 * 1024 * 1024
    execFileSync('prlimit', ['--pid', String(far.pid), `--as=${Number(kib) * 1024 + spare}:`])
    const since = far.told.length
    await erl.eval(`{nobody, '${far.name}'} ! binary:copy(<<0>>, 100 * 1024 * 1024), ok`)
    expect((await far.heard('nodedown', undefined, { since }))[1]).toMatch(
      /^no memory for a frame of 104857\d+ bytes; lower maxFrameBytes/,
    )
    await far.heard('nodeup', undefined, { since })
    expect(await far.run(rpcAbs, erl.name)).toBe(1)
    await erl.eval(`{nobody, '${far.name}'} ! binary:copy(<<0>>, 1024 * 1024), ok`)
    expect(await far.run(rpcAbs, erl.name)).toBe(1)
  })
})

const trouble = namespaceTrouble()
describe.skipIf(trouble !== undefined)('a machine whose local ports are all in use', () => {
  it('cannot dial, says so, keeps its connections, and dials when there are some', async () => {
    const space = await NetNamespace.make()
    closers.push(() => space.remove())
    const { within } = space
    const epmd = await Epmd.start(4369, { within })
    closers.push(() => epmd.stop())
    const [erl, other] = await Promise.all([
      ErlNode.start({ epmdPort: 4369, within }),
      ErlNode.start({ epmdPort: 4369, within }),
    ])
    closers.push(
      () => erl.stop(),
      () => other.stop(),
    )
    const options = { name: uniqueName('js'), cookie: testCookie, epmd: { port: 4369 } }
    const far = await FarNode.start(options, { within })
    closers.push(() => far.stop())
    expect(await far.run(rpcAbs, erl.name)).toBe(1)
    const footing = await far.run((side) => side.footing())
    const take = () =>
      far.run(async (side) => {
        const { createServer } = process.getBuiltinModule('node:net')
        const servers = [50_000, 50_001, 50_002, 50_003].map((port) => createServer().listen(port))
        side.kept.servers = servers
        await Promise.all(
          servers.map((server) => new Promise((up) => server.once('listening', up))),
        )
      })
    const port = Number(
      await other.eval(`
        {ok, Names} = erl_epmd:names({127,0,0,1}),
        proplists:get_value("${other.name.split('@')[0]}", Names)`),
    )
    await space.sysctl('net.ipv4.ip_local_port_range', '50000 50003')
    await take()
    await expect(far.run(rpcAbs, other.name)).rejects.toMatchObject({
      code: 'ERR_ERL_RESOURCES',
      message: expect.stringContaining('EADDRNOTAVAIL'),
    })
    // Without asking epmd: the dial itself.
    await expect(
      far.run((side, to, at) => side.node.connect(to, { port: at }), other.name, port),
    ).rejects.toMatchObject({
      code: 'ERR_ERL_RESOURCES',
      message: expect.stringContaining('ip_local_port_range'),
    })
    expect(await far.run(rpcAbs, erl.name)).toBe(1)
    await far.run((side) => {
      for (const server of side.kept.servers as { close(): void }[]) server.close()
    })
    expect(await far.run(rpcAbs, other.name)).toBe(1)
    await far.run((side, to) => side.node.disconnect(to), other.name)
    await expectFooting(far, footing)
  })
})
