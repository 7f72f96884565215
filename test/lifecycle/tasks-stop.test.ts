import { fork } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { observedTasks, onDemand, stopAllTasks, until } from '../helpers/tasks.js'
import { withDeadline } from '../helpers/waiting.js'

describe('stopping tasks', () => {
  afterEach(stopAllTasks)

  it('refuses what comes after it', async () => {
    const { tasks, define } = observedTasks()
    define('echo', onDemand)
    await tasks.stop()
    await expect(tasks.run('echo')).rejects.toMatchObject({ code: 'ERR_ERL_CLOSED' })
    await expect(tasks.start()).rejects.toMatchObject({ code: 'ERR_ERL_CLOSED' })
    expect(() => define('loop')).toThrow(/stopped/)
    await tasks.stop()
  })

  it('waits for tasks that look at their signal', async () => {
    const { tasks, lines, define } = observedTasks({ graceMs: 60_000 })
    await define('timer').define('loop', { workers: 2 }).tasks.start()
    await lines.next()
    await tasks.stop()
    expect(tasks.list()).toMatchObject([
      { state: 'stopped', failures: 0 },
      { state: 'stopped', failures: 0 },
    ])
  })

  it('ends what does not look at its signal, and what does not let its loop turn', async () => {
    const { tasks, lines, failures, define } = observedTasks()
    await define('stubborn').define('busy').tasks.start()
    await lines.next()
    await lines.next()
    await tasks.stop({ graceMs: 20 })
    expect(tasks.list()).toMatchObject([{ state: 'stopped' }, { state: 'stopped' }])
    expect(failures.waiting).toBe(0)
  })

  it('ends a task that still waits for its turn', async () => {
    const { tasks, define } = observedTasks({ graceMs: 60_000 })
    await define('once', { waitMs: 1_000_000 }).tasks.start()
    expect(tasks.list()[0]).toMatchObject({ state: 'waiting', runs: 0 })
    await tasks.stop()
    expect(tasks.list()[0]).toMatchObject({ state: 'stopped', runs: 0 })
  })

  it('ends a worker that waits for its restart', async () => {
    const { tasks, define } = observedTasks()
    const restarting = until(tasks, 'restart')
    await define('throws', { restart: { minMs: 100_000, maxMs: 100_000 } }).tasks.start()
    await restarting
    expect(tasks.list()[0]).toMatchObject({ state: 'restarting' })
    await tasks.stop()
    expect(tasks.list()[0]).toMatchObject({ state: 'stopped' })
  })

  it('may come while tasks are started', async () => {
    const { tasks, define } = observedTasks({ graceMs: 60_000 })
    define('loop', { workers: 8 })
    const started = tasks.start()
    await tasks.stop()
    await started
    expect(tasks.list()[0]?.state).toBe('stopped')
  })

  it('rejects runs that wait, and those that last when they have ended', async () => {
    const { tasks, lines, define } = observedTasks({ runs: { workers: 1 } })
    define('loop', onDemand)
    const runs = [tasks.run('loop'), tasks.run('loop')]
    const settled = Promise.allSettled(runs)
    await lines.next()
    await tasks.stop()
    for (const result of await settled) {
      expect(result).toMatchObject({ status: 'rejected', reason: { code: 'ERR_ERL_CLOSED' } })
    }
  })

  it('happens when the signal of the tasks is aborted', async () => {
    const controller = new AbortController()
    const { tasks, lines, define } = observedTasks({ signal: controller.signal })
    await define('loop').tasks.start()
    await lines.next()
    controller.abort()
    await tasks.stop()
    expect(tasks.list()[0]).toMatchObject({ state: 'stopped' })
    const late = observedTasks({ signal: controller.signal })
    await expect(late.tasks.start()).rejects.toMatchObject({ code: 'ERR_ERL_CLOSED' })
  })

  it('stops one task and leaves the others', async () => {
    const { tasks, define } = observedTasks()
    await define('loop').define('timer').tasks.start()
    await tasks.stopTask('timer')
    expect(tasks.list()).toMatchObject([{ state: 'running' }, { state: 'stopped' }])
    await expect(tasks.stopTask('nobody')).rejects.toMatchObject({ code: 'ERR_ERL_NOPROC' })
  })

  it('lets the process end by itself, without a word', async () => {
    const child = fork(path.join(__dirname, '../fixtures/tasks/process.mjs'), { silent: true })
    let said = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (bytes: Buffer) => {
        said += bytes.toString()
      })
    }
    const [code] = await withDeadline(once(child, 'exit'), 'the process to end', 20_000)
    expect({ code, said }).toEqual({ code: 0, said: 'threads left over: 0\n' })
  })
})
