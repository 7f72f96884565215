import { execFile } from 'node:child_process'
import { ErlangNode } from 'beamlink'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Epmd } from '../helpers/epmd.js'
import { testCookie } from '../helpers/erl-node.js'
import { uniqueName } from '../helpers/names.js'

/** Erlang's own C node: `ei_connect` and `ei_rpc` in a program. */
describe('a call from erl_call', () => {
  let epmd: Epmd
  let node: ErlangNode

  beforeAll(async () => {
    epmd = await Epmd.start()
    node = await ErlangNode.start({
      name: uniqueName('web'),
      cookie: testCookie,
      epmd: { host: '127.0.0.1', port: epmd.port },
    })
    node.expose('useless', { myfunction: (a: number, b: number) => a + b })
  })
  afterAll(async () => {
    await node.stop()
    await epmd.stop()
  })

  function erlCall(call: string): Promise<string> {
    const env = { ...process.env, ERL_EPMD_PORT: String(epmd.port) }
    const parameters = ['-name', node.name, '-c', testCookie, '-a', call]
    return new Promise((resolve, reject) => {
      execFile('erl_call', parameters, { env, timeout: 10_000 }, (error, printed) =>
        error === null ? resolve(printed) : reject(error),
      )
    })
  }

  it('is undef for what is not exposed', async () => {
    expect(await erlCall('os cmd []')).toBe("{badrpc, {'EXIT', {undef, [{os, cmd, [], []}]}}}")
  })

  it('reaches an exposed function', async () => {
    expect(await erlCall('useless myfunction [2,40]')).toBe('42')
  })

  it('asks for the name of the node, as for that of any node', async () => {
    expect(await erlCall('erlang node []')).toBe(`'${node.name}'`)
  })
})
