import { ErlangNode } from 'beamlink'
import { EventHost } from 'beamlink/freeswitch'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { runCli } from '../helpers/cli.js'
import { ErlNode, testCookie } from '../helpers/erl-node.js'
import { uniqueAlive } from '../helpers/names.js'
import { observedTasks, onDemand, stopAllTasks } from '../helpers/tasks.js'

describe('the command line beside nodes of this package', () => {
  let erl: ErlNode
  let node: ErlangNode
  let env: Record<string, string>
  beforeAll(async () => {
    erl = await ErlNode.start()
    env = { ERL_EPMD_PORT: String(erl.epmdPort), BEAMLINK_COOKIE: testCookie }
    node = await ErlangNode.start({
      name: `${uniqueAlive('host')}@127.0.0.1`,
      cookie: testCookie,
      epmd: { host: '127.0.0.1', port: erl.epmdPort },
    })
  })
  afterEach(stopAllTasks)
  afterAll(async () => {
    await node?.stop()
    await erl?.stop()
  })

  const beamlink = (words: readonly string[], stdin = '') => runCli(words, { env, stdin })

  describe('tasks', () => {
    it('says when the node has none, and what it takes', async () => {
      const { code, stderr } = await beamlink(['tasks', erl.name])
      expect(code).toBe(1)
      expect(stderr).toContain(`${erl.name} has no background tasks`)
      expect((await beamlink(['tasks', erl.name, 'stop', 'x'])).code).toBe(2)
    })

    it('lists what runs, what waits for a call and what has failed', async () => {
      const { tasks, lines, failures } = observedTasks({ node })
        .define('loop', { workers: 2 })
        .define('echo', onDemand)
        .define('throws')
      await tasks.start()
      await lines.next('the first loop')
      await lines.next('the second loop')
      await failures.next('the failure')
      await tasks.run('echo', 'once')
      const { code, stdout } = await beamlink(['tasks', node.name])
      expect(code).toBe(0)
      const rows = stdout.trimEnd().split('\n')
      expect(rows.map((row) => row.trimEnd().split(/ {2,}/))).toEqual([
        ['NAME', 'STATE', 'WORKERS', 'RUNS', 'FAILURES', 'RESTARTS', 'QUEUED', 'LAST ERROR'],
        ['loop', 'running', '2', '2', '0', '0', '0'],
        ['echo', 'idle', '0', '1', '0', '0', '0'],
        [
          'throws',
          expect.any(String),
          '1',
          '1',
          '1',
          '0',
          '0',
          expect.stringContaining('on purpose'),
        ],
      ])
      const json = await beamlink(['tasks', node.name, '--json'])
      expect(JSON.parse(json.stdout)).toMatchObject([
        { name: 'loop', state: 'running', workers: [{ index: 0 }, { index: 1 }] },
        { name: 'echo', runs: 1 },
        { name: 'throws', failures: 1 },
      ])
    })

    it('runs one with its data and prints its value, and says why one cannot run', async () => {
      await observedTasks({ node })
        .define('echo', { ...onDemand, result: true })
        .define('throws', { ...onDemand, result: true })
        .tasks.start()
      const ran = await beamlink(['tasks', node.name, 'run', 'echo', 'older than 30 days'])
      expect(ran.stdout).toBe('[<<"older than 30 days">>,<<"older than 30 days">>,nil]\n')
      expect(ran.code).toBe(0)
      const unknown = await beamlink(['tasks', node.name, 'run', 'other'])
      expect(unknown.code).toBe(1)
      expect(unknown.stderr).toContain(`task other at ${node.name}: `)
      const failed = await beamlink(['tasks', node.name, 'run', 'throws'])
      expect(failed.code).toBe(1)
      expect(failed.stderr).toContain('on purpose')
    })
  })

  describe('console', () => {
    it('says at once when the node is no event host', async () => {
      for (const name of [erl.name, node.name]) {
        const began = Date.now()
        const { code, stderr } = await beamlink(['console', name, 'status', '--timeout', '1m'])
        expect({ code, isQuick: Date.now() - began < 20_000 }).toEqual({ code: 1, isQuick: true })
        expect(stderr).toContain(`${name} is no event host: neither FreeSWITCH's`)
      }
    })

    it('runs commands of an event host, one or many', async () => {
      const host = new EventHost(node)
      try {
        const one = await beamlink(['console', node.name, 'erlang', 'handlers'])
        expect(one.code).toBe(0)
        expect(one.stdout).toContain('Listener')
        const many = await beamlink(['console', node.name], 'erlang debug\nnosuch x\n')
        expect(many.code).toBe(1)
        expect(many.stdout).toContain('+OK debug off')
        expect(many.stderr).toContain('Command not found')
      } finally {
        host.close()
      }
    })
  })
})
