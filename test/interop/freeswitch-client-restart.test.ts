import { once } from 'node:events'
import { EventHost, FreeSwitch, type Gap, type HandledCall } from 'beamlink/freeswitch'
import { afterEach, describe, expect, it } from 'vitest'
import { ClientBench } from '../helpers/freeswitch/client-bench.js'
import { Arrivals, deferred, until, withDeadline } from '../helpers/waiting.js'

describe('a client whose switch goes and comes back', () => {
  let bench: ClientBench | undefined

  const start = async (options: Parameters<typeof ClientBench.start>[0] = {}) => {
    bench = await ClientBench.start(options)
    return bench
  }
  /** Stops the host, and waits until the client knows. */
  const stopHost = async (each: ClientBench) => {
    const down = once(each.fs, 'down')
    await each.stopHost()
    await withDeadline(down, 'the client to know')
  }
  const restart = async (each: ClientBench) => {
    const restored = once(each.fs, 'restored')
    const host = await each.startHost()
    await withDeadline(restored, 'the client to be restored')
    return host
  }

  afterEach(async () => {
    await bench?.stop()
    bench = undefined
  })

  it('rejects requests, readers and handlers with the reason while there is no switch', async () => {
    const { fs } = await start({ isDown: true })
    const code = 'ERR_ERL_NODE_NOT_FOUND'
    await expect(fs.api('status')).rejects.toMatchObject({ code })
    await expect(fs.bgapi('status')).rejects.toMatchObject({ code })
    await expect(fs.handleCall('x')).rejects.toMatchObject({ code })
    await expect(fs.fetchHandler('dialplan', () => undefined)).rejects.toMatchObject({ code })
    const events = fs.events()
    await expect(events.ready).rejects.toMatchObject({ code })
    await expect(events.next()).rejects.toMatchObject({ code })
    await expect(fs.logs().next()).rejects.toMatchObject({ code })
    expect(fs.isUp).toBe(false)
  })

  it('waits for its switch when it is told to', async () => {
    const each = await start({ isDown: true, client: { whenDown: 'wait' } })
    const { fs } = each
    const events = fs.events({ names: ['GENERAL'] })
    const binding = fs.fetchHandler('directory', () => undefined)
    const output = fs.api('echo', 'hi', { timeoutMs: 10_000 })
    await expect(fs.api('echo', 'hi', { timeoutMs: 50 })).rejects.toMatchObject({
      code: 'ERR_ERL_TIMEOUT',
    })
    await expect(fs.api('echo', 'hi', { whenDown: 'fail' })).rejects.toThrow()
    const host = await each.startHost()
    expect(await output).toBe('hi')
    await withDeadline(events.ready, 'the subscription')
    await withDeadline(binding, 'the binding')
    host.emit({ name: 'GENERAL' })
    expect((await events.next()).value?.name).toBe('GENERAL')
  })

  it('rejects what is pending when the connection is lost', async () => {
    const each = await start()
    const asked = deferred<void>()
    each.host.api('hold', () => {
      asked.resolve()
      return new Promise<string>(() => undefined)
    })
    const job = await each.fs.bgapi('hold')
    const request = each.fs.api('hold', '', { timeoutMs: Number.POSITIVE_INFINITY })
    const rejected = Promise.all([
      expect(request).rejects.toMatchObject({ code: 'ERR_ERL_NOCONNECTION' }),
      expect(job.result).rejects.toMatchObject({ code: 'ERR_ERL_NOCONNECTION' }),
    ])
    await asked.promise
    await stopHost(each)
    await rejected
  })

  it('registers readers, handlers and filters again, and shows the gap', async () => {
    const each = await start()
    const { fs } = each
    const gaps: Gap[] = []
    const events = fs.events({ names: ['GENERAL'], onGap: (gap) => gaps.push(gap) })
    const lines = fs.logs({ level: 'warning' })
    await Promise.all([events.ready, lines.ready])
    await fs.filters.add('k', 'yes')
    await fs.fetchHandler('directory', ({ value }) => `<document>${value}</document>`)
    each.host.emit({ name: 'GENERAL', headers: { k: 'yes', n: 1 } })
    expect((await events.next()).value?.get('n')).toBe('1')
    for (let round = 0; round < 3; round += 1) {
      await stopHost(each)
      const host = await restart(each)
      host.emit({ name: 'GENERAL', headers: { k: 'no' } })
      host.emit({ name: 'GENERAL', headers: { k: 'yes', n: 2 + round } })
      host.log({ level: 'info', text: 'not wanted' })
      host.log({ level: 'warning', text: `round ${round}` })
      expect(await host.fetch('directory', { key: 'name', value: 'x' })).toContain('x')
      expect((await lines.next()).value?.text).toContain(`round ${round}`)
      expect((await events.next()).value?.get('n')).toBe(String(2 + round))
      expect(gaps).toHaveLength(round + 1)
    }
    expect(gaps[0]).toEqual({ why: 'disconnected', lost: undefined })
  })

  it('goes on after the connection alone was cut', async () => {
    const each = await start()
    const { fs, host } = each
    const events = fs.events({ names: ['GENERAL'] })
    await events.ready
    for (let round = 0; round < 5; round += 1) {
      const restored = once(fs, 'restored')
      await each.hostNode.disconnect(each.clientNode.name)
      await withDeadline(restored, 'the client to be restored')
      host.emit({ name: 'GENERAL', headers: { round } })
      expect((await events.next()).value?.get('round')).toBe(String(round))
    }
    expect(events.gaps).toBe(5)
  })

  it('registers again with a host that was closed and made anew on its node', async () => {
    const each = await start()
    const { fs } = each
    const events = fs.events({ names: ['GENERAL'] })
    await events.ready
    const restored = once(fs, 'restored')
    each.host.close()
    const host = new EventHost(each.hostNode)
    await withDeadline(restored, 'the client to be restored')
    host.emit({ name: 'GENERAL' })
    expect((await events.next()).value?.name).toBe('GENERAL')
  })

  it('throws into the loops of its calls, without an error of their handlers', async () => {
    const each = await start()
    const { fs, host, clientNode } = each
    const outcomes = new Arrivals<unknown>()
    const begun = new Arrivals<HandledCall>()
    fs.on('handlerError', (error) => outcomes.push(['told', error]))
    fs.onCall('named', async (call) => {
      begun.push(call)
      try {
        for await (const event of call) expect(event).toBeDefined()
      } catch (error) {
        outcomes.push(error)
        throw error
      }
    })
    void host.call('one').attach(`named ${clientNode.name}`)
    void host.call('two').attach(`named:! ${clientNode.name}`)
    const calls = [await begun.next('a call'), await begun.next('a call')]
    host.call('three')
    const third = await fs.handleCall('three')
    const waiting = expect(third.execute('playback', 'x')).rejects.toMatchObject({
      code: 'ERR_ERL_NOCONNECTION',
    })
    await fs.api('echo', 'x')
    await stopHost(each)
    for (let i = 0; i < 2; i += 1) {
      expect(await outcomes.next()).toMatchObject({ code: 'ERR_ERL_NOCONNECTION' })
    }
    await waiting
    expect([...calls, third].map(({ isOpen }) => isOpen)).toEqual([false, false, false])
    const again = await each.startHost()
    void again.call('four').attach(`named:! ${clientNode.name}`)
    expect((await begun.next('a call after the restart')).uuid).toBe('four')
    expect(outcomes.waiting).toBe(0)
  })

  it('takes everything back when it is closed, twice, and rejects what comes after', async () => {
    const each = await start()
    const { fs, host, clientNode } = each
    const events = fs.events()
    await events.ready
    await fs.fetchHandler('directory', () => undefined)
    const registration = fs.onCall('closing', () => undefined)
    host.call('one')
    const call = await fs.handleCall('one')
    host.api('hold', () => new Promise(() => undefined))
    const reading = events.next()
    const pending = expect(fs.api('hold')).rejects.toMatchObject({ code: 'ERR_ERL_CLOSED' })
    await fs.close()
    await fs[Symbol.asyncDispose]()
    await pending
    expect(await reading).toEqual({ done: true, value: undefined })
    expect(call.isOpen).toBe(false)
    registration.close()
    expect(() => fs.events()).toThrow(expect.objectContaining({ code: 'ERR_ERL_CLOSED' }))
    await expect(fs.api('echo', 'x')).rejects.toMatchObject({ code: 'ERR_ERL_CLOSED' })
    expect(clientNode.whereis('closing')).toBeUndefined()
    const other = new FreeSwitch(clientNode, each.hostName)
    other.onCall('closing', () => undefined)
    await other.close()
  })

  it('ends with its node', async () => {
    const each = await start()
    const events = each.fs.events()
    await events.ready
    const reading = events.next()
    await each.clientNode.stop()
    await withDeadline(reading, 'the end of the loop')
    await expect(each.fs.api('echo', 'x')).rejects.toMatchObject({ code: 'ERR_ERL_CLOSED' })
  })

  it('does not dial for readers that have gone', async () => {
    const each = await start()
    const events = each.fs.events()
    await events.ready
    await stopHost(each)
    events.close()
    await events.return()
    await each.startHost()
    await expect(
      until(each.fs, 'up', () => true, 500),
      'a client that wants nothing',
    ).rejects.toThrow('waited')
  })
})
