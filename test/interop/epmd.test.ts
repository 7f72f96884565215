import { execFileSync } from 'node:child_process'
import { ErlangNode } from 'beamlink'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { Epmd } from '../helpers/epmd.js'
import { ErlNode, testCookie } from '../helpers/erl-node.js'
import { uniqueName } from '../helpers/names.js'
import { freePort } from '../helpers/ports.js'
import { Service } from '../helpers/service.js'
import { withDeadline } from '../helpers/waiting.js'

const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
  vi.unstubAllEnvs()
})

async function startErl(epmdPort: number): Promise<ErlNode> {
  const erl = await ErlNode.start({ epmdPort })
  closers.push(() => erl.stop())
  return erl
}

async function startNode(options: Partial<Parameters<typeof ErlangNode.start>[0]> = {}) {
  const node = await ErlangNode.start({ name: uniqueName('js'), cookie: testCookie, ...options })
  closers.push(() => node.stop())
  return node
}

/** Asks `ping` until it says what is wanted: epmd tells nobody when a name comes. */
async function untilPong(ping: () => Promise<unknown>): Promise<void> {
  const answers = async () => {
    for (;;) {
      const answer = await ping()
      if (answer === true || answer === 'pong') return
    }
  }
  await withDeadline(answers(), 'a pong', 15_000)
}

describe('epmd', () => {
  it('may end and come back: the node is found again, with the same creation', async () => {
    const epmd = await Epmd.start()
    closers.push(() => epmd.stop())
    const node = await startNode({ epmd: { port: epmd.port } })
    const { creation } = node
    await epmd.stop()
    const next = await Epmd.start(epmd.port)
    closers.push(() => next.stop())
    const erl = await startErl(epmd.port)
    await untilPong(() => erl.eval(`net_adm:ping('${node.name}')`))
    expect(node.creation).toBe(creation)
    expect(await node.rpc(erl.name, 'erlang', 'abs', [-1])).toBe(1)
  })

  it('is started with the program where none runs, and stays', async () => {
    const port = await freePort()
    vi.stubEnv('ERL_EPMD_PORT', String(port))
    const node = await startNode()
    const program = () => execFileSync('epmd', ['-names'], { encoding: 'utf8' })
    expect(program()).toContain(`name ${node.name.split('@')[0]} at port ${node.address?.port}`)
    await node.stop()
    expect(program()).toContain(`up and running on port ${port}`)
    execFileSync('epmd', ['-kill'])
  })

  it('is ours where there is no program, and serves Erlang nodes too', async () => {
    const port = await freePort()
    vi.stubEnv('ERL_EPMD_PORT', String(port))
    vi.stubEnv('PATH', '/nonexistent')
    const node = await startNode()
    vi.unstubAllEnvs()
    const erl = await startErl(port)
    expect(await erl.eval(`net_adm:ping('${node.name}')`)).toBe('pong')
    expect(await node.ping(erl.name)).toBe(true)
    expect(await erl.eval('{ok, Names} = erl_epmd:names({127,0,0,1}), length(Names)')).toBe('2')
  })

  it('is started by another process when the one that had it dies', async () => {
    const env = { ERL_EPMD_PORT: String(await freePort()) }
    vi.stubEnv('ERL_EPMD_PORT', env.ERL_EPMD_PORT)
    const host = await Service.start({ name: uniqueName('host'), epmd: 'embedded', env })
    const survivor = await Service.start({ name: uniqueName('survivor'), epmd: 'embedded', env })
    await host.kill()
    const node = await startNode({ listen: false, epmd: 'embedded' })
    await untilPong(() => node.ping(survivor.name))
    await survivor.stop()
  })
})

describe('IPv6', () => {
  it('carries connections between nodes of ours, with and without epmd', async () => {
    vi.stubEnv('ERL_EPMD_PORT', String(await freePort()))
    const a = await startNode({ name: 'six_a@::1', epmd: 'embedded' })
    const b = await startNode({ name: 'six_b@::1', epmd: 'embedded' })
    const c = await startNode({ name: 'six_c@::1', epmd: 'none' })
    expect(a.address?.host).toBe('::1')
    expect(await a.ping(b.name)).toBe(true)
    await c.connect(a.name, a.address)
    expect(await c.ping(a.name)).toBe(true)
  })

  it('carries connections to Erlang', async () => {
    const epmd = await Epmd.start()
    closers.push(() => epmd.stop())
    const erl = await ErlNode.start({
      epmdPort: epmd.port,
      args: ['-proto_dist', 'inet6_tcp'],
      // The first setting wins, so this one has to stand before that of every test's node.
      env: { ERL_AFLAGS: '-kernel inet_dist_use_interface {0,0,0,0,0,0,0,1}' },
    })
    closers.push(() => erl.stop())
    const alive = erl.name.split('@')[0]
    const names = `{ok, Names} = erl_epmd:names({127,0,0,1}), proplists:get_value("${alive}", Names)`
    const port = Number(await erl.eval(names))
    const node = await startNode({ epmd: 'none' })
    await node.connect(erl.name, { host: '::1', port })
    expect(await node.ping(erl.name)).toBe(true)
  })
})
