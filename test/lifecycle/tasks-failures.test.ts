import { setEnvironmentData } from 'node:worker_threads'
import { afterEach, describe, expect, it } from 'vitest'
import { observedTasks, onDemand, stopAllTasks, until } from '../helpers/tasks.js'

const failing = [
  ['throws', 'on purpose'],
  ['rejects', 'later on purpose'],
  ['throwsText', 'threw just text (string)'],
  ['leaves', 'the worker ended itself: process.exit(3)'],
  ['throwsLater', 'behind the back'],
  ['rejectsUnseen', 'unseen'],
] as const

describe('a worker that fails', () => {
  afterEach(stopAllTasks)

  it('is reported when its module does not load', async () => {
    const { tasks, failures, define } = observedTasks()
    define('absent', { run: './nowhere.mjs#run' })
    define('broken', { run: './broken.mjs#run' })
    await tasks.start()
    const told = [await failures.next(), await failures.next()].sort()
    expect(told[0]).toMatch(/^absent: .*nowhere\.mjs does not load: Cannot find module/)
    expect(told[1]).toMatch(/^broken: .*broken\.mjs does not load: the module is broken/)
  })

  it('is reported when its export is no function', async () => {
    const { tasks, failures, define } = observedTasks()
    define('noFunction').define('nobody')
    await tasks.start()
    const told = [await failures.next(), await failures.next()].sort()
    expect(told[0]).toMatch(/^noFunction: export noFunction of .* must be a function, got 42/)
    expect(told[1]).toMatch(/^nobody: export nobody of .* must be a function, got undefined/)
  })

  it.each(failing)('%s: is reported with the name of its task, others go on', async (name, why) => {
    const { tasks, failures, lines, define } = observedTasks()
    define('loop').define(name)
    await tasks.start()
    expect(await failures.next()).toBe(`${name}: ${why}`)
    expect(await lines.next()).toBe('loop[0]: looping')
    expect(tasks.list()).toMatchObject([
      { name: 'loop', state: 'running', failures: 0 },
      { name, state: 'failed', failures: 1, lastError: why },
    ])
  })

  it('is reported when it runs out of memory', async () => {
    const { tasks, failures, define } = observedTasks()
    const resourceLimits = { maxOldGenerationSizeMb: 16 }
    define('loop').define('eats', { resourceLimits })
    await tasks.start()
    expect(await failures.next('the end', 20_000)).toMatch(/^eats: .*memory limit/)
    expect(tasks.list()[0]).toMatchObject({ state: 'running' })
  })

  it.each(failing)('%s: fails its run on demand, and the next has a thread', async (name, why) => {
    const { tasks, define } = observedTasks({ runs: { workers: 1 } })
    define(name, onDemand).define('echo', onDemand)
    await tasks.start()
    const run = tasks.run(name, '', { result: true })
    if (name === 'throwsLater' || name === 'rejectsUnseen' || name === 'leaves') {
      await expect(run).rejects.toThrow(why)
    } else {
      await expect(run).rejects.toMatchObject({ code: 'ERR_ERL_REMOTE', cause: { message: why } })
    }
    expect(await tasks.run('echo', 'x', { result: true })).toEqual(['x', 'x', null])
  })

  it('fails a run that runs out of memory, and one whose value has no Erlang form', async () => {
    const resourceLimits = { maxOldGenerationSizeMb: 16 }
    const { tasks, define } = observedTasks({ runs: { workers: 1, resourceLimits } })
    define('eats', onDemand).define('unencodable', onDemand)
    await tasks.start()
    await expect(tasks.run('eats')).rejects.toThrow('memory limit')
    await expect(tasks.run('unencodable', '', { result: true })).rejects.toThrow('Erlang form')
    expect(await tasks.run('unencodable')).toBe('ok')
  })

  it('is reported when the system gives no thread, and holds up nobody', async () => {
    const resourceLimits = { stackSizeMb: 10_000_000 }
    const { tasks, failures, lines, define } = observedTasks({ runs: { resourceLimits } })
    define('once', { resourceLimits }).define('loop').define('echo', onDemand)
    await tasks.start()
    expect(await failures.next()).toMatch(/^once: no thread could be made: /)
    expect(await lines.next()).toBe('loop[0]: looping')
    await expect(tasks.run('echo')).rejects.toThrow('no thread could be made')
    expect(tasks.list()[2]).toMatchObject({ queued: 0, failures: 1 })
  })

  it('is reported when what a run has left behind ends its thread', async () => {
    const { tasks, failures, define } = observedTasks()
    define('leavesTimer', onDemand)
    expect(await tasks.run('leavesTimer')).toBe('ok')
    expect(await failures.next()).toBe('leavesTimer: left behind')
  })

  it('fails a run whose value is nested too deep for a message', async () => {
    const { tasks, define } = observedTasks()
    define('nests', onDemand).define('echo', onDemand)
    await expect(tasks.run('nests', '', { result: true })).rejects.toMatchObject({
      code: 'ERR_ERL_REMOTE',
    })
    expect(await tasks.run('echo')).toBe('ok')
  })

  it('loads a module again that did not load', async () => {
    const { tasks, define } = observedTasks({ runs: { workers: 1 } })
    define('module', { ...onDemand, run: './loads-at-times.mjs#run' })
    await expect(tasks.run('module', '', { result: true })).rejects.toThrow('not this time')
    setEnvironmentData('loads-at-times', true)
    expect(await tasks.run('module', '', { result: true })).toBe('loaded')
  })

  it('fails a run whose thread cannot even begin', async () => {
    // With less than 4 MiB Node 22 and 24 end the whole process, in place of the thread.
    const resourceLimits = { maxOldGenerationSizeMb: 4, maxYoungGenerationSizeMb: 1 }
    const { tasks, define } = observedTasks({ runs: { workers: 1, resourceLimits } })
    define('eats', onDemand)
    await expect(tasks.run('eats')).rejects.toThrow('memory limit')
  })
})

describe('the restart of a worker', () => {
  afterEach(stopAllTasks)

  it('does not happen with "never"', async () => {
    const { tasks, failures, define } = observedTasks()
    await define('throws', { restart: 'never' }).tasks.start()
    await failures.next()
    expect(tasks.list()[0]).toMatchObject({ state: 'failed', restarts: 0 })
  })

  it('happens on failure, with pauses that double, until there were too many', async () => {
    const { tasks, define } = observedTasks()
    const pauses: number[] = []
    tasks.on('restart', ({ inMs }) => pauses.push(inMs))
    const gaveUp = until(tasks, 'gaveUp')
    const restart = { minMs: 1, maxMs: 4, restarts: 4 }
    await define('loop').define('throws', { restart }).tasks.start()
    expect(await gaveUp).toEqual(['throws'])
    expect(pauses).toEqual([1, 2, 4, 4])
    expect(tasks.list()).toMatchObject([
      { state: 'running' },
      { state: 'failed', runs: 5, failures: 5, restarts: 4 },
    ])
  })

  it('stops the other workers of a task that is given up, as supervisors do', async () => {
    const { tasks, define } = observedTasks()
    const gaveUp = until(tasks, 'gaveUp')
    const restart = { minMs: 1, restarts: 0 }
    await define('firstFails', { workers: 3, restart }).tasks.start()
    await gaveUp
    await tasks.stopTask('firstFails')
    const [status] = tasks.list()
    expect(status?.workers.map(({ state }) => state)).toEqual(['failed', 'stopped', 'stopped'])
  })

  it('does not happen on failure when the task has ended by itself', async () => {
    const { tasks, lines, define } = observedTasks()
    const done = until(tasks, 'done')
    await define('once', { restart: 'onFailure' }).tasks.start()
    await lines.next()
    await done
    expect(tasks.list()[0]).toMatchObject({ state: 'done', restarts: 0 })
  })

  it('happens always with "always"', async () => {
    const { tasks, lines, define } = observedTasks()
    const gaveUp = until(tasks, 'gaveUp')
    await define('once', { restart: { when: 'always', minMs: 1, restarts: 2 } }).tasks.start()
    for (let life = 0; life < 3; life += 1) {
      expect(await lines.next()).toBe('once[0]: argument 0 index 0')
    }
    await gaveUp
    expect(tasks.list()[0]).toMatchObject({ runs: 3, failures: 0 })
  })
})
