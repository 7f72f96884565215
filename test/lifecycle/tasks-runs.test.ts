import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { observedTasks, onDemand, stopAllTasks } from '../helpers/tasks.js'

describe('tasks at the start', () => {
  afterEach(stopAllTasks)

  it('run once in each of their workers, with the index as text', async () => {
    const { tasks, lines, define } = observedTasks()
    await define('once', { workers: 3 }).tasks.start()
    const told = [await lines.next(), await lines.next(), await lines.next()].sort()
    expect(told).toEqual(
      [0, 1, 2].map((index) => `once[${index}]: argument ${index} index ${index}`),
    )
    expect(tasks.list()[0]).toMatchObject({ runs: 3, failures: 0 })
  })

  it("are those of the document's string, and go on for ever", async () => {
    const { tasks, lines } = observedTasks()
    tasks.define('name=evrexec:timer;wait=1000;workers=1;')
    await tasks.start()
    for (let x = 0; x < 3; x += 1) {
      expect(await lines.next()).toBe(`evrexec:timer[0]: $x is ${x}`)
    }
    expect(tasks.list()[0]).toMatchObject({ state: 'running' })
  })

  it.each([
    ['declared', ['a', 'a', 'b', 'c']],
    ['reverse', ['c', 'b', 'a', 'a']],
  ] as const)('begin in the order "%s"', async (startOrder, order) => {
    const { tasks, define } = observedTasks({ startOrder })
    for (const name of ['a', 'b', 'c']) {
      define(name, { run: './jobs.mjs#loop', workers: name === 'a' ? 2 : 1 })
    }
    await tasks.start()
    const threads = tasks
      .list()
      .flatMap(({ name, workers }) => workers.map(({ threadId = 0 }) => ({ name, threadId })))
    threads.sort((one, other) => one.threadId - other.threadId)
    expect(threads.map(({ name }) => name)).toEqual(order)
  })

  it('wait as long as they say, in microseconds', async () => {
    const { tasks, lines } = observedTasks()
    const start = performance.now()
    await tasks.define('name=once;wait=150000').start()
    expect(tasks.list()[0]).toMatchObject({ state: 'waiting', runs: 0 })
    await lines.next()
    expect(performance.now() - start).toBeGreaterThan(149)
  })

  it('run in threads of their own, without the addon', async () => {
    const { tasks, define } = observedTasks()
    await define('loop', { workers: 2 }).tasks.start()
    expect(new Set(tasks.list()[0]?.workers.map(({ threadId }) => threadId)).size).toBe(2)
    expect(readFileSync('/proc/self/maps', 'utf8')).not.toContain('beamlink.node')
  })

  it('may be defined and started later', async () => {
    const { tasks, lines, define } = observedTasks()
    await define('loop').tasks.start()
    await lines.next()
    await define('once').tasks.start()
    expect(await lines.next()).toBe('once[0]: argument 0 index 0')
    expect(tasks.list()[0]).toMatchObject({ runs: 1 })
  })
})

describe('a run on demand', () => {
  afterEach(stopAllTasks)

  it('refuses what is no name, no data, and a name that nobody has', async () => {
    const { tasks, define } = observedTasks()
    define('echo', onDemand)
    await expect(tasks.run(undefined as never)).rejects.toThrow('name must be a string')
    await expect(tasks.run('echo', 42 as never)).rejects.toThrow('data must be a string, got 42')
    await expect(tasks.run('echo', '', { reslt: true } as never)).rejects.toThrow('"result"')
    await expect(tasks.run('echo', '', { link: {} } as never)).rejects.toThrow('link must be')
    await expect(tasks.run('nope')).rejects.toMatchObject({
      code: 'ERR_ERL_NOPROC',
      message: expect.stringMatching(/^Event route not found/),
    })
  })

  it('gives ok, or the value of the task', async () => {
    const { tasks, define } = observedTasks()
    define('echo', onDemand).define('nothing', onDemand)
    expect(await tasks.run('echo', 'x')).toBe('ok')
    expect(await tasks.run('echo', 'x', { result: true })).toEqual(['x', 'x', null])
    expect(await tasks.run('echo', undefined, { result: true })).toEqual(['', '', null])
    expect(await tasks.run('nothing', '', { result: true })).toBeUndefined()
  })

  it('is refused when too many wait', async () => {
    const { tasks, define } = observedTasks({ runs: { workers: 1, queued: 2 } })
    define('loop', onDemand)
    const runs = Array.from({ length: 5 }, () => tasks.run('loop'))
    const settled = Promise.allSettled(runs)
    await tasks.stop()
    const codes = (await settled).map(
      (result) => (result as { reason: { code: string } }).reason.code,
    )
    expect(codes.filter((code) => code === 'ERR_ERL_BUSY').length).toBeGreaterThan(0)
    expect(codes.filter((code) => code === 'ERR_ERL_CLOSED').length).toBeGreaterThan(1)
  })

  it('waits while as many of its task last as may, others do not', async () => {
    const { tasks, lines, define } = observedTasks({ runs: { workers: 3 } })
    define('loop', { ...onDemand, maxConcurrent: 1 }).define('echo', onDemand)
    const controller = new AbortController()
    const first = tasks.run('loop', '', { signal: controller.signal })
    const second = tasks.run('loop')
    const settled = Promise.allSettled([first, second])
    await lines.next()
    expect(await tasks.run('echo')).toBe('ok')
    expect(tasks.list()[0]).toMatchObject({ running: 1, queued: 1, runs: 1 })
    controller.abort(new Error('enough'))
    await expect(first).rejects.toThrow('enough')
    await lines.next()
    expect(tasks.list()[0]).toMatchObject({ running: 1, queued: 0, runs: 2 })
    await tasks.stop()
    await settled
  })

  it('ends after its time, also when it does not let its loop turn', async () => {
    const { tasks, failures, define } = observedTasks({ graceMs: 10, runs: { workers: 1 } })
    define('busy', { ...onDemand, timeoutMs: 300 }).define('echo', onDemand)
    await expect(tasks.run('busy')).rejects.toMatchObject({ code: 'ERR_ERL_TIMEOUT' })
    expect(await failures.next()).toBe('busy: the run of "busy" did not end within 300 ms')
    expect(await tasks.run('echo')).toBe('ok')
  })

  it('rejects at once while it waits and its signal is aborted', async () => {
    const { tasks, lines, define } = observedTasks({ runs: { workers: 1 } })
    define('loop', onDemand)
    const lasting = tasks.run('loop')
    const settled = Promise.allSettled([lasting])
    await lines.next()
    const controller = new AbortController()
    const waiting = tasks.run('loop', '', { signal: controller.signal })
    controller.abort(new Error('not any more'))
    await expect(waiting).rejects.toThrow('not any more')
    await expect(tasks.run('loop', '', { signal: controller.signal })).rejects.toThrow(
      'not any more',
    )
    await tasks.stop()
    await settled
  })
})

describe('a task with a schedule', () => {
  afterEach(stopAllTasks)

  it('runs at its times, not at the start', async () => {
    const { tasks, lines } = observedTasks()
    const schedule = { pattern: '* * * * * *', data: 'tick' }
    await tasks.define({ name: 'once', schedule }).start()
    expect(tasks.list()[0]).toMatchObject({ state: 'idle', workers: [], runs: 0 })
    expect(tasks.list()[0]?.next?.getTime()).toBeGreaterThan(Date.now() - 1)
    expect(await lines.next()).toBe('once[]: argument tick index undefined')
    expect(await lines.next()).toBe('once[]: argument tick index undefined')
  })

  it('leaves out a time at which the run before still lasts', async () => {
    const { tasks, lines } = observedTasks()
    tasks.define({ name: 'loop', schedule: '* * * * * *' })
    await tasks.define({ name: 'once', schedule: '* * * * * *' }).start()
    const told = [await lines.next(), await lines.next(), await lines.next(), await lines.next()]
    expect(told.filter((line) => line.startsWith('loop'))).toHaveLength(1)
  })
})

describe('a task with a socket', () => {
  afterEach(stopAllTasks)

  const send = async (port: number, ...texts: string[]) => {
    const socket = createSocket('udp4')
    socket.bind(0, '127.0.0.1')
    await once(socket, 'listening')
    for (const text of texts) socket.send(text, port, '127.0.0.1')
    const from = socket.address().port
    return { from, close: () => socket.close() }
  }

  it('is reported when its address is taken', async () => {
    const taken = createSocket('udp4').bind(0, '127.0.0.1')
    await once(taken, 'listening')
    const { tasks, failures, define } = observedTasks()
    define('datagram', { sockaddr: `udp:127.0.0.1:${taken.address().port}` })
    await tasks.start()
    expect(await failures.next()).toMatch(/^datagram: bind EADDRINUSE/)
    taken.close()
  })

  it('runs for every datagram, in order, and knows where it came from', async () => {
    const { tasks, lines, define } = observedTasks()
    await define('datagram', { sockaddr: 'udp:127.0.0.1:0' }).tasks.start()
    const port = tasks.list()[0]?.workers[0]?.port ?? 0
    const { from, close } = await send(port, 'one', 'two')
    for (const text of ['one', 'two']) {
      expect(await lines.next()).toBe(
        `datagram[0]: udp:127.0.0.1:0 ${text} ${Buffer.from(text).toString('hex')} 127.0.0.1 ${from} true`,
      )
    }
    close()
    await tasks.stop()
    expect(tasks.list()[0]).toMatchObject({ runs: 2, failures: 0 })
  })

  it('counts what it drops while a run lasts', async () => {
    const { tasks, define } = observedTasks()
    await define('hangs', { sockaddr: 'udp:127.0.0.1:0', maxDatagrams: 1 }).tasks.start()
    const port = tasks.list()[0]?.workers[0]?.port ?? 0
    const { close } = await send(port, 'runs', 'waits', 'dropped', 'dropped')
    await vi.waitFor(() => expect(tasks.list()[0]).toMatchObject({ dropped: 2 }), 5_000)
    close()
  })

  it('goes on after a run that failed, and drops what is too much', async () => {
    const { tasks, failures, lines, define } = observedTasks()
    define('pickyDatagram', { sockaddr: 'udp:127.0.0.1:0', maxDatagrams: 1 })
    await tasks.start()
    const port = tasks.list()[0]?.workers[0]?.port ?? 0
    const { close } = await send(port, 'bad')
    expect(await failures.next()).toBe('pickyDatagram: bad datagram')
    const more = await send(port, 'slow', 'a', 'b', 'c')
    expect(await lines.next()).toBe('pickyDatagram[0]: slow')
    expect(await lines.next()).toBe('pickyDatagram[0]: a')
    expect(tasks.list()[0]).toMatchObject({ failures: 1, dropped: 2, restarts: 0 })
    close()
    more.close()
  })
})
