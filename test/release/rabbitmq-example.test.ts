import { readFileSync } from 'node:fs'
import path from 'node:path'
import { ErlangNode } from 'beamlink'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { output } from '../helpers/package/command.js'
import { commandsOf } from '../helpers/page.js'
import { Program } from '../helpers/program.js'
import { AmqpConnection } from '../helpers/rabbitmq/amqp.js'
import { RabbitServer } from '../helpers/rabbitmq/server.js'
import { root } from '../helpers/rings.js'

const folder = path.join(root, 'examples/rabbitmq')
const main = path.join(folder, 'main.mjs')
const readme = readFileSync(path.join(folder, 'README.md'), 'utf8')
const programs = RabbitServer.programs()

describe.skipIf(programs === undefined)('the example that shows the status of RabbitMQ', () => {
  let server: RabbitServer
  let client: AmqpConnection
  let admin: ErlangNode
  beforeAll(async () => {
    server = await RabbitServer.start(programs ?? '')
    client = await AmqpConnection.open(server.amqpPort)
    await client.declareQueue('orders')
    await client.publish('orders', 'one')
    await client.publish('orders', 'two')
    admin = await ErlangNode.start({
      name: 'admin@localhost',
      listen: false,
      cookieFile: server.cookieFile,
      epmd: { host: '127.0.0.1', port: server.epmdPort },
    })
  })
  afterAll(async () => {
    await admin?.stop()
    client?.close()
    await server?.stop()
  })

  const env = () => ({ ERL_EPMD_PORT: String(server.epmdPort) })
  const words = (...more: readonly string[]) => [
    ...[main, '--node', server.name, '--cookie-file', server.cookieFile],
    ...more,
  ]
  const run = (...more: readonly string[]) =>
    output(process.execPath, words(...more), { env: { ...process.env, ...env() } })
  const read = async () => JSON.parse(await run('--json'))

  it('prints what its README shows, which is short', async () => {
    const [step] = commandsOf(readme)
    const figures = (text: string) =>
      text
        .replace(/\d+ MiB/g, 'N MiB')
        .replace(/up for .*/, 'up for')
        .replace(/127\.0\.0\.1:\d+ -> 127\.0\.0\.1:\d+/, 'FROM -> TO')
        .replace(/RabbitMQ \S+ on OTP \d+/, 'RabbitMQ')
        .replace(/ +/g, ' ')
    expect(figures((await run()).trimEnd())).toBe(figures(step?.output ?? 'nothing'))
    expect(readme.split('\n').length).toBeLessThanOrEqual(61)
  })

  it('prints JSON: versions, nodes, memory, queues, connections', async () => {
    const status = await read()
    expect(status).toMatchObject({
      node: server.name,
      version: expect.stringMatching(/^\d+\.\d+\.\d+/),
      erlang: expect.stringMatching(/^OTP \d+$/),
      uptime: expect.any(Number),
      nodes: [{ name: server.name, isRunning: true }],
      alarms: [],
      queues: [{ vhost: '/', name: 'orders', state: 'running', messages: 2, consumers: 0 }],
      connections: [{ user: 'guest', state: 'running', channels: 1 }],
    })
    expect(status.memory.used).toBeGreaterThan(10_000_000)
    expect(status.memory.limit).toBeGreaterThan(status.memory.used)
    expect(status.diskFree).toBeGreaterThan(0)
  })

  it('tells the alarm of a node that has too little memory', async () => {
    const limit = await admin.rpc(server.name, 'vm_memory_monitor', 'get_vm_memory_high_watermark')
    const set = (value: number) =>
      admin.rpc(server.name, 'vm_memory_monitor', 'set_vm_memory_high_watermark', [value])
    await set(0.000_001)
    try {
      expect((await read()).alarms).toEqual([{ resource: 'memory', node: server.name }])
      expect(await run()).toContain(`memory at ${server.name}`)
    } finally {
      await set(limit as number)
    }
    expect((await read()).alarms).toEqual([])
  })

  it('ends with 1 and the reason for another cookie, and for no such node', async () => {
    const wrong = [main, '--node', server.name, '--cookie-file', path.join(folder, 'none')]
    const options = { env: { ...process.env, ...env() } }
    await expect(output(process.execPath, wrong, options)).rejects.toThrow('ERR_ERL_AUTH')
    const nobody = [main, '--node', 'nobody@localhost', '--cookie-file', server.cookieFile]
    await expect(output(process.execPath, nobody, options)).rejects.toThrow('NODE_NOT_FOUND')
  })

  it('watches until it is told to end, and sees the node go', async () => {
    const watching = new Program(process.execPath, words('--watch', '0.2', '--json'), env())
    try {
      await watching.until(/"messages":2/)
      await client.publish('orders', 'three')
      await watching.until(/"messages":3/)
      expect(String(await admin.rpc(server.name, 'erlang', 'node'))).toBe(server.name)
      await server.kill()
      await watching.until(/ERR_ERL_(NOCONNECTION|NODE_NOT_FOUND|NODEDOWN)/)
      expect(await watching.ended('SIGINT')).toBe(0)
    } finally {
      await watching.kill()
    }
  })
})
