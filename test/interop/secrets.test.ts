import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { inspect } from 'node:util'
import { type Drop, ErlangNode } from 'beamlink'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Cli, cliProgram } from '../helpers/cli.js'
import { ErlNode } from '../helpers/erl-node.js'
import { startBeside } from '../helpers/local-node.js'
import { uniqueName } from '../helpers/names.js'
import { until } from '../helpers/waiting.js'

const secret = 'kept_to_ourselves'
const other = 'of_another_node'

let erl: ErlNode
beforeAll(async () => {
  erl = await ErlNode.start({ cookie: secret })
})
afterAll(() => erl.stop())

/** All that can be seen of a value. */
function everythingOf(value: unknown): string {
  return inspect(value, { showHidden: true, depth: 30, maxArrayLength: null, getters: true })
}

describe('a cookie', () => {
  it('is in nothing that a node shows, tells or throws', async () => {
    const node = await startBeside(erl, { cookie: secret, cookies: { 'till@127.0.0.1': other } })
    const shown: unknown[] = []
    node.on('drop', (drop: Drop) => shown.push(drop))
    try {
      await node.connect(erl.name)
      // Reach behind the summary that inspect gives of a node.
      const { core } = node as unknown as { core: unknown }
      shown.push(everythingOf(node), everythingOf(core), everythingOf(Object.entries(node)))
      shown.push(everythingOf(node.stats()), everythingOf(node.address))
      await node.disconnect(erl.name)
      node.setCookie(erl.name, other)
      const failure: unknown = await node.connect(erl.name).catch((error: unknown) => error)
      expect(failure).toMatchObject({ code: 'ERR_ERL_AUTH' })
      shown.push(everythingOf(failure), String(failure), (failure as Error).stack)
      const refused = until(node, 'drop', ({ reason }: Drop) => reason === 'refused')
      expect(await erl.eval(`net_adm:ping('${node.name}')`)).toBe('pang')
      await refused
    } finally {
      await node.stop()
    }
    shown.push(everythingOf(node))
    expect(shown.length).toBeGreaterThan(8)
    const text = shown.map((each) => (typeof each === 'string' ? each : everythingOf(each))).join()
    expect(text).toContain(erl.name)
    expect(text).not.toContain(secret)
    expect(text).not.toContain(other)
  })

  it('is in no error about options', async () => {
    const bad: object[] = [
      { cookie: `${secret}\0` },
      { cookie: secret.repeat(60) },
      { cookie: [secret] },
      { cookie: { secret } },
      { cookies: secret },
      { cookies: { 'a@127.0.0.1': [secret] } },
      { cookies: { 'a@127.0.0.1': secret.repeat(60) } },
    ]
    for (const options of bad) {
      const start = ErlangNode.start({ name: uniqueName('js'), ...options })
      const error = await start.then(
        (node) => node.stop(),
        (failure: unknown) => failure,
      )
      expect(error).toBeInstanceOf(Error)
      expect(everythingOf(error)).not.toContain(secret)
    }
  })

  it('is not among the arguments of a command that runs', async () => {
    const { epmdPort, name } = erl
    const cli = new Cli(['listen', 'ear', name, '--cookie', secret], {
      env: { ERL_EPMD_PORT: String(epmdPort) },
    })
    try {
      await cli.printed('waits for messages')
      expect(readFileSync(`/proc/${cli.child.pid}/cmdline`, 'utf8')).not.toContain(secret)
    } finally {
      cli.child.kill('SIGTERM')
      await cli.ended()
    }
    expect(cli.stdout + cli.stderr).not.toContain(secret)
  })

  it('is read by a command from a pipe', () => {
    const env = { ...process.env, ERL_EPMD_PORT: String(erl.epmdPort) }
    const line = `printf ${secret} | ${process.execPath} ${cliProgram} ping ${erl.name} --cookie-file /dev/stdin`
    expect(execFileSync('sh', ['-c', line], { env, encoding: 'utf8' })).toContain('pong')
  })
})

describe('a node that is printed', () => {
  it('says who it is, and whom it is connected to', async () => {
    const node = await startBeside(erl, { cookie: secret, name: uniqueName('js') })
    const { host, port } = node.address ?? {}
    expect(inspect(node, { breakLength: Number.POSITIVE_INFINITY })).toBe(
      `ErlangNode <${node.name}> { listensAt: '${host}:${port}', peers: [], registered: [ 'rex', 'net_kernel' ], pendingCalls: 0 }`,
    )
    await node.connect(erl.name)
    node.register('counter', () => undefined)
    expect(inspect({ node }, { depth: 0 })).toBe(`{ node: ErlangNode <${node.name}> }`)
    const text = inspect({ node }, { depth: 1, breakLength: Number.POSITIVE_INFINITY })
    expect(text).toContain(`peers: [ '${erl.name}' ]`)
    expect(text).toContain('counter')
    await node.stop()
    expect(inspect(node)).toContain('isStopped: true')
  })
})
