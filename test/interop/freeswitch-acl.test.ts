import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { HostBench } from '../helpers/freeswitch/host-bench.js'
import { until } from '../helpers/waiting.js'

describe('an event host that keeps peers out', () => {
  let bench: HostBench
  beforeAll(async () => {
    bench = await HostBench.start({
      applyInboundAcl: ['loopback.auto', 'inner'],
      acls: { inner: { default: 'allow', deny: ['127.0.0.0/8'] } },
    })
  })
  afterAll(() => bench.stop())

  it('lets them connect, refuses the first message, then closes', async () => {
    const { node, host, erl } = bench
    const session = bench.session()
    const up = until<[string]>(node, 'nodeup')
    expect(await session.eval(`net_kernel:hidden_connect_node('${node.name}')`)).toBe('true')
    await up
    expect(node.peerAddress(erl.name)).toEqual({ host: '127.0.0.1', isIncoming: true })
    host.emit({ name: 'GENERAL' })
    expect((await host.run('erlang', 'listeners')).output).toBe('No active listeners\n')
    const down = until<[string]>(node, 'nodedown')
    await session.eval('fs:send(register_event_handler), fs:send(getpid)')
    expect(await session.eval('fs:drain()')).toBe('[{error,acldeny}]')
    await down
    expect(node.peerAddress(erl.name)).toBeUndefined()
    expect(await session.eval('fs:ask({api, erlang, ""})')).toBe('{error,acldeny}')
  })

  it('does not keep out whom it has called itself', async () => {
    const { node, erl } = bench
    const other = await bench.another()
    try {
      await node.connect(other.name)
      expect(node.peerAddress(other.name)).toEqual({ host: '127.0.0.1', isIncoming: false })
      expect(await other.eval('element(1, fs:ask(getpid))')).toBe('ok')
      expect(erl.name).not.toBe(other.name)
    } finally {
      await other.stop()
    }
  })
})
