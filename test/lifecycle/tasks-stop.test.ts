import { fork } from 'node:child_process'
import { getEventListeners, once } from 'node:events'
import path from 'node:path'
import type { Tasks } from 'beamlink/tasks'
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

  it.each([
    ['all tasks', (tasks: Tasks) => tasks.stop()],
    ['one of them', (tasks: Tasks) => tasks.stopTask('loop')],
  ])('may come while tasks are started: %s', async (_, stop) => {
    const { tasks, lines, define } = observedTasks({ graceMs: 60_000 })
    define('loop', { workers: 8 })
    const started = tasks.start()
    await stop(tasks)
    await started
    expect(tasks.list()[0]?.state).toBe('stopped')
    // None of its workers was made after that.
    expect(tasks.list()[0]?.workers.every(({ threadId }) => threadId === undefined)).toBe(true)
    expect(lines.waiting).toBe(0)
  })

  it('ends a pause that begins after it', async () => {
    const channel = new BroadcastChannel('slow-to-load')
    const loading = once(channel as unknown as EventTarget, 'message')
    const { tasks, define } = observedTasks({ graceMs: 60_000 })
    define('slow', { run: './slow-to-load.mjs#run', waitMs: 1_000_000 })
    const started = tasks.start()
    await withDeadline(loading, 'the module to be loading')
    const stopped = tasks.stop()
    channel.postMessage('go on')
    await withDeadline(stopped, 'the end')
    await started
    channel.close()
  })

  it('may be told to make haste, also with runs that are being ended already', async () => {
    const { tasks, lines, failures, define } = observedTasks({ graceMs: 60_000 })
    define('stubborn').define('slow', { ...onDemand, run: './jobs.mjs#stubborn', timeoutMs: 1 })
    await tasks.start()
    await lines.next()
    const run = tasks.run('slow', '', { timeoutMs: 500 })
    const settled = Promise.allSettled([run])
    await lines.next()
    const stopped = tasks.stop()
    await withDeadline(tasks.stop({ graceMs: 10 }), 'the end')
    await stopped
    await settled
    expect(failures.waiting).toBe(0)
  })

  it('leaves no listener at a signal that lives on', async () => {
    const { signal } = new AbortController()
    for (let time = 0; time < 3; time += 1) await observedTasks({ signal }).tasks.stop()
    expect(getEventListeners(signal, 'abort')).toHaveLength(0)
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

  it('waits for the runs of the one that it stops, within the grace time', async () => {
    const { tasks, lines, define } = observedTasks({ graceMs: 60_000 })
    define('stubborn', onDemand)
    const settled = Promise.allSettled([tasks.run('stubborn')])
    await lines.next()
    await withDeadline(tasks.stopTask('stubborn', { graceMs: 10 }), 'the end')
    expect(tasks.list()[0]).toMatchObject({ running: 0 })
    const message = 'the task "stubborn" was stopped'
    expect((await settled)[0]).toMatchObject({ reason: { code: 'ERR_ERL_CLOSED', message } })
  })

  it('keeps the clock of a task that was stopped before the start', async () => {
    const { tasks, define } = observedTasks()
    define('once', { schedule: '* * * * * *', restart: undefined } as never)
    await tasks.stopTask('once')
    await tasks.start()
    expect(tasks.list()[0]).toMatchObject({ state: 'stopped', next: undefined })
    await tasks.startTask('once')
    expect(tasks.list()[0]).toMatchObject({ state: 'idle', next: expect.any(Date) })
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

describe('starting one task', () => {
  afterEach(stopAllTasks)

  it('refuses what cannot be started', async () => {
    const { tasks, define } = observedTasks()
    define('echo', onDemand)
    await expect(tasks.startTask('nobody')).rejects.toMatchObject({ code: 'ERR_ERL_NOPROC' })
    await expect(tasks.startTask('echo')).rejects.toThrow(
      'name must be that of a task with startup',
    )
    await tasks.stop()
    await expect(tasks.startTask('echo')).rejects.toMatchObject({ code: 'ERR_ERL_CLOSED' })
  })

  it('starts it alone, and leaves workers that are there', async () => {
    const { tasks, lines, define } = observedTasks()
    define('loop').define('timer')
    await tasks.startTask('loop')
    await lines.next()
    await tasks.startTask('loop')
    expect(tasks.list()).toMatchObject([{ state: 'running', runs: 1 }, { state: 'starting' }])
  })

  it('starts it again when it was stopped, also while it is being', async () => {
    const { tasks, lines, define } = observedTasks()
    await define('loop', { workers: 2 }).tasks.start()
    await lines.next()
    await lines.next()
    const stopped = tasks.stopTask('loop')
    await Promise.all([tasks.startTask('loop'), tasks.startTask('loop')])
    await stopped
    await lines.next()
    await lines.next()
    expect(tasks.list()[0]).toMatchObject({ state: 'running', runs: 4 })
  })

  it('starts it again when it was given up, with all its restarts', async () => {
    const { tasks, define } = observedTasks()
    define('throws', { restart: { minMs: 1, restarts: 1 } })
    for (const runs of [2, 4]) {
      const gaveUp = until(tasks, 'gaveUp')
      await tasks.startTask('throws')
      await gaveUp
      expect(tasks.list()[0]).toMatchObject({ state: 'failed', runs })
    }
  })
})
