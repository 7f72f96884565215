import { ErlangNode } from 'beamlink'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ErlNode, testCookie } from '../helpers/erl-node.js'
import { uniqueName } from '../helpers/names.js'

/** Ticks go every quarter of it; a node that is silent for longer than it is given up. */
const tickTimeS = 4

describe('a node whose event loop is blocked', () => {
  let erl: ErlNode
  let node: ErlangNode
  beforeAll(async () => {
    erl = await ErlNode.start({ args: ['-kernel', 'net_ticktime', String(tickTimeS)] })
    node = await ErlangNode.start({
      name: uniqueName('blocked'),
      cookie: testCookie,
      epmd: { port: erl.epmdPort },
      netTicktimeS: tickTimeS,
    })
  })
  afterAll(async () => {
    await node.stop()
    await erl.stop()
  })

  it('stays connected for three times the tick time, and gives nobody up', async () => {
    await node.connect(erl.name)
    await erl.eval(`
      Observer = whereis(observer),
      spawn(fun() ->
        ok = net_kernel:monitor_nodes(true, [{node_type, all}]),
        Observer ! watching,
        receive Change -> Observer ! Change end
      end)`)
    expect(await erl.observed.next()).toBe('watching')
    const told: string[] = []
    node.on('nodedown', (name) => told.push(name))

    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 3 * tickTimeS * 1_000)

    expect(await node.rpc(erl.name, 'erlang', 'abs', [-1])).toBe(1)
    expect(erl.observed.waiting).toBe(0)
    expect(told).toEqual([])
  })
})
