import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Epmd } from '../helpers/epmd.js'
import { ErlNode } from '../helpers/erl-node.js'
import { uniqueName } from '../helpers/names.js'
import { freePort } from '../helpers/ports.js'
import { Service, type ServiceOptions } from '../helpers/service.js'

describe('a process with a node', () => {
  let epmd: Epmd
  beforeAll(async () => {
    epmd = await Epmd.start()
  })
  afterAll(() => epmd.stop())

  const run = async (action: NonNullable<ServiceOptions['action']>) => {
    const service = await Service.start({ name: uniqueName('run'), epmd: epmd.port, action })
    return await service.ended()
  }

  it('is kept alive by it', async () => {
    const service = await Service.start({
      name: uniqueName('alive'),
      epmd: epmd.port,
      action: 'nothing',
    })
    const early = await Promise.race([
      service.ended().then(() => 'ended'),
      new Promise((resolve) => setTimeout(resolve, 700, 'alive')),
    ])
    await service.kill()
    expect(early).toBe('alive')
  })

  it('ends by itself after stop, twice or once', async () => {
    expect(await run('stop')).toEqual({ code: 0, signal: null, output: 'ready\n' })
    expect(await run('stopTwice')).toEqual({ code: 0, signal: null, output: 'ready\n' })
  })

  it('ends by itself when the node is unreferenced', async () => {
    expect(await run('unref')).toEqual({ code: 0, signal: null, output: 'ready\n' })
  })

  it('ends by itself when it is unreferenced, whoever waits for whatever', async () => {
    expect(await run('unrefWaiting')).toEqual({ code: 0, signal: null, output: 'ready\n' })
  })

  it('can exit without stopping', async () => {
    expect(await run('exit')).toEqual({ code: 0, signal: null, output: 'ready\n' })
  })

  it('dies of an uncaught exception as any process', async () => {
    expect((await run('throw')).code).toBe(7)
  })

  it('stops cleanly while an Erlang node talks to it', async () => {
    const erl = await ErlNode.start({ epmdPort: epmd.port })
    const service = await Service.start({ name: uniqueName('busy'), epmd: epmd.port })
    expect(await erl.eval(`rpc:call('${service.name}', service, echo, [{a, <<1>>}])`)).toBe(
      '{a,<<1>>}',
    )
    const down = erl.eval(`
      monitor_node('${service.name}', true), observer ! watching,
      receive {nodedown, N} -> N end`)
    expect(await erl.observed.next()).toBe('watching')
    expect(await service.stop()).toEqual({ code: 0, signal: null, output: 'ready\n' })
    expect(await down).toBe(`'${service.name}'`)
    await erl.stop()
  })

  it('rejoins at once under its name after a crash', async () => {
    const erl = await ErlNode.start({ epmdPort: epmd.port })
    const name = uniqueName('phoenix')
    const pids = new Set<string>()
    for (let life = 0; life < 3; life += 1) {
      const service = await Service.start({ name, epmd: epmd.port })
      pids.add(await erl.eval(`rpc:call('${name}', service, pid, [])`))
      await service.kill()
    }
    expect(pids.size).toBe(3)
    await erl.stop()
  })
})

describe('a machine without Erlang', () => {
  it('lets two nodes find each other through an epmd of their own', async () => {
    const port = String(await freePort())
    const env = { ERL_EPMD_PORT: port, PATH: '/nonexistent' }
    const first = await Service.start({ name: uniqueName('one'), epmd: 'auto', env })
    const { ErlangNode } = await import('beamlink')
    const second = await ErlangNode.start({
      name: uniqueName('two'),
      cookie: 'beamlink_test',
      epmd: { port: Number(port) },
    })
    expect(await second.rpc(first.name, 'service', 'pid', [])).toBe(first.pid)
    await second.stop()
    expect((await first.stop()).code).toBe(0)
  })
})
