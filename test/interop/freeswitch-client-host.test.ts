import { atom } from 'beamlink'
import {
  type ExecuteCommand,
  FreeSwitch,
  type HandledCall,
  type SwitchEvent,
} from 'beamlink/freeswitch'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ClientBench } from '../helpers/freeswitch/client-bench.js'
import { Arrivals, deferred, withDeadline } from '../helpers/waiting.js'

const notFound = 'not found'

describe.each(['string', 'binary'] as const)(
  'a client of an event host, encoding %s',
  (encoding) => {
    let bench: ClientBench
    let count = 0

    beforeAll(async () => {
      bench = await ClientBench.start({ host: { encoding } })
    })
    afterAll(() => bench.stop())

    const newUuid = (): string => {
      count += 1
      return `call-${encoding}-${count}`
    }

    it('refuses what is no option, name, or handler, at the call', async () => {
      const { fs } = bench
      await expect(fs.api('status', '', { timeout: 5 } as never)).rejects.toThrow('timeoutMs')
      await expect(fs.fetchHandler('phrases' as never, () => undefined)).rejects.toThrow('section')
      await expect(fs.fetchHandler('directory', 5 as never)).rejects.toThrow(
        'run must be a function',
      )
      expect(() => new FreeSwitch({} as never, fs.peer)).toThrow('node must be an ErlangNode')
      expect(() => new FreeSwitch(bench.clientNode, 'freeswitch')).toThrow(
        'peer must be a node name',
      )
      expect(() => fs.events({ names: ['NO' as never] })).toThrow(RangeError)
      expect(() => fs.events({ filter: 5 as never })).toThrow('filter must be a function, or')
      expect(() => fs.logs({ level: 'error' as never })).toThrow(RangeError)
      expect(() => fs.onCall('a:b:c', () => undefined)).toThrow(RangeError)
      expect(() => fs.onCall('a', 5 as never)).toThrow('handler must be a function')
      await expect(fs.handleCall('')).rejects.toThrow(RangeError)
    })

    it('listens to its node without a warning, however many clients there are', async () => {
      const { clientNode } = bench
      const before = clientNode.getMaxListeners()
      const clients = Array.from({ length: 12 }, (_, i) => new FreeSwitch(clientNode, `fs${i}@x`))
      expect(clientNode.listenerCount('nodeup')).toBeLessThanOrEqual(clientNode.getMaxListeners())
      for (const client of clients) await client.close()
      expect(clientNode.getMaxListeners()).toBe(before)
    })

    it('runs commands: text, refusals, timeouts, aborts', async () => {
      const { fs, host } = bench
      const held = deferred<string>()
      host.api('hold', () => held.promise)
      expect(await fs.api('echo', 'héllo')).toBe('héllo')
      expect(await fs.api('echo', 'x'.repeat(70_000))).toHaveLength(70_000)
      await expect(fs.api('nothing')).rejects.toMatchObject({
        code: 'ERR_ERL_REMOTE',
        reason: 'nothing: Command not found!\n',
      })
      await expect(fs.api('hold', '', { timeoutMs: 30 })).rejects.toMatchObject({
        code: 'ERR_ERL_TIMEOUT',
      })
      const signal = AbortSignal.abort(new Error('not now'))
      await expect(fs.api('echo', 'x', { signal })).rejects.toThrow('not now')
      held.resolve('done')
      expect(await fs.api('echo', 'next')).toBe('next')
    })

    it('runs jobs in the background, with limits of their own', async () => {
      const { fs, host } = bench
      const held = deferred<string>()
      host.api('hold_job', () => held.promise)
      const job = await fs.bgapi('echo', 'hi')
      expect(job.id).toMatch(/^[0-9a-f-]{36}$/)
      expect(await job.result).toBe('hi')
      const failing = await fs.bgapi('nothing')
      await expect(failing.result).rejects.toMatchObject({ code: 'ERR_ERL_REMOTE' })
      const slow = await fs.bgapi('hold_job', '', { resultTimeoutMs: 20 })
      await expect(slow.result).rejects.toMatchObject({ code: 'ERR_ERL_TIMEOUT' })
      const controller = new AbortController()
      const aborted = await fs.bgapi('hold_job', '', { signal: controller.signal })
      controller.abort(new Error('enough'))
      await expect(aborted.result).rejects.toThrow('enough')
      held.resolve('late')
    })

    it('gives each reader its own events of one subscription', async () => {
      const { fs, host } = bench
      const generals = fs.events({ names: ['GENERAL'], filter: { k: /^[13]$/ } })
      const customs = fs.events({ subclasses: ['a::b'] })
      await Promise.all([generals.ready, customs.ready])
      for (const k of ['1', '2', '3']) host.emit({ name: 'GENERAL', headers: { k } })
      host.emit({ name: 'CUSTOM', subclass: 'c::d' })
      host.emit({ name: 'CUSTOM', subclass: 'a::b', headers: { list: ['x', 'y'] }, body: 'text' })
      expect((await generals.next()).value?.get('k')).toBe('1')
      expect((await generals.next()).value?.get('k')).toBe('3')
      const { value } = await customs.next()
      expect(value?.values('list')).toEqual(['x', 'y'])
      expect(value?.body).toBe('text')
      expect((await host.run('erlang', 'handlers')).output).toContain('GENERAL')
      generals.close()
      await fs.api('echo', 'x') // what was closed has been told before
      const others = fs.events({ names: ['TRAP'] })
      await others.ready
      expect((await host.run('erlang', 'handlers')).output).not.toContain('GENERAL')
      others.close()
      customs.close()
      const all = fs.events()
      await all.ready
      host.emit({ name: 'CUSTOM', subclass: 'any' })
      expect((await all.next()).value?.subclass).toBe('any')
      all.close()
    })

    it('throws into the reader whose filter throws, and into no other', async () => {
      const { fs, host } = bench
      const bad = fs.events({
        names: ['GENERAL'],
        filter: () => {
          throw new Error('bad filter')
        },
      })
      const good = fs.events({ names: ['GENERAL'] })
      await Promise.all([bad.ready, good.ready])
      host.emit({ name: 'GENERAL' })
      await expect(bad.next()).rejects.toThrow('bad filter')
      expect((await good.next()).value?.name).toBe('GENERAL')
      good.close()
    })

    it('fires events that it reads itself, unless a filter of the switch keeps them away', async () => {
      const { fs } = bench
      const events = fs.events({ names: ['MESSAGE'] })
      await events.ready
      await fs.filters.add('to', 'me')
      await fs.sendEvent({ name: 'MESSAGE', headers: { to: 'you' } })
      await fs.sendEvent({ name: 'MESSAGE', headers: { to: 'ME', n: 1 }, body: 'hi' })
      const { value } = await events.next()
      expect([value?.get('to'), value?.get('n'), value?.body]).toEqual(['ME', '1', 'hi'])
      await fs.filters.clear()
      await fs.sendEvent({ name: 'MESSAGE', headers: { to: 'you' } })
      expect((await events.next()).value?.get('to')).toBe('you')
      events.close()
    })

    it('reads the log at several levels', async () => {
      const { fs, host } = bench
      const errors = fs.logs({ level: 'err' })
      const infos = fs.logs({ level: 'info' })
      await Promise.all([errors.ready, infos.ready])
      host.log({ level: 'info', text: 'one', uuid: 'u' })
      host.log({ level: 'debug', text: 'two' })
      host.log({ level: 'err', text: 'three' })
      expect((await errors.next()).value?.text).toContain('three')
      const { value } = await infos.next()
      expect([value?.levelName, value?.uuid]).toEqual(['info', 'u'])
      expect((await infos.next()).value?.text).toContain('three')
      errors.close()
      infos.close()
    })

    it('answers lookups, and says "not found" for what its function throws', async () => {
      const { fs, host } = bench
      const document = '<document type="freeswitch/xml"><section name="directory"/></document>'
      const failures = new Arrivals<unknown>()
      const told = (error: unknown) => failures.push(error)
      fs.on('handlerError', told)
      const binding = await fs.fetchHandler('directory', ({ key, value, params }) => {
        if (value === 'bad') throw new Error(notFound)
        if (value === 'nobody') return undefined
        return `${document}<!-- ${key} ${value} ${params.get('who')} -->`
      })
      const found = await host.fetch('directory', {
        key: 'name',
        value: 'x',
        params: { who: 'me' },
      })
      expect(found).toContain('name x me')
      expect(await host.fetch('directory', { key: 'name', value: 'bad' })).toBeUndefined()
      expect(await failures.next()).toMatchObject({ message: notFound })
      expect(await host.fetch('directory', { key: 'name', value: 'nobody' })).toBeUndefined()
      binding.close()
      binding.close()
      await fs.api('echo', 'x')
      expect((await host.run('erlang', 'bindings')).output).toContain('No bindings')
      fs.off('handlerError', told)
    })

    it('takes a call, chooses its events, runs applications, and sees its end', async () => {
      const { fs, host } = bench
      const uuid = newUuid()
      const held = deferred<void>()
      const call = host.call(uuid, {
        headers: { 'Channel-Name': 'null/x', variable_a: '1' },
        sendmsg: async (command) => {
          if (command.kind === 'hangup') return call.end()
          if (command.kind !== 'execute') return
          if (command.application === 'wait') await held.promise
          done(command)
        },
      })
      const done = ({ application, eventUuid = '' }: ExecuteCommand): void => {
        const headers = { Application: application, 'Application-UUID': eventUuid }
        call.emit({ name: 'CHANNEL_EXECUTE_COMPLETE', headers })
      }
      await expect(fs.handleCall('no-such-call')).rejects.toMatchObject({
        reason: atom('badsession'),
      })
      const handled = await fs.handleCall(uuid)
      expect([handled.uuid, handled.get('Channel-Name')]).toEqual([uuid, 'null/x'])
      expect(handled.variable('a')).toBe('1')
      await handled.subscribe({ names: ['DTMF'] })
      const complete = await handled.playback('tone_stream://x')
      expect(complete.get('Application')).toBe('playback')
      call.emit({ name: 'CHANNEL_PARK' })
      call.emit({ name: 'DTMF', headers: { 'DTMF-Digit': '5' } })
      const waiting = handled.execute('wait')
      const closed = expect(waiting).rejects.toMatchObject({ code: 'ERR_ERL_CLOSED' })
      await expect(handled.execute('wait', '', { timeoutMs: 20 })).rejects.toMatchObject({
        code: 'ERR_ERL_TIMEOUT',
      })
      call.end()
      const events: SwitchEvent[] = []
      for await (const event of handled) events.push(event)
      expect(events.map(({ name }) => name)).toEqual(['DTMF'])
      await closed
      expect(handled.isOpen).toBe(false)
      await expect(handled.answer()).rejects.toMatchObject({ code: 'ERR_ERL_CLOSED' })
      await expect(fs.hangup(uuid)).rejects.toMatchObject({ reason: atom('nosession') })
      held.resolve()
    })

    it.each([
      ['a registered name', (name: string) => [name, name]],
      ['a registered name that is asked for a pid', (name: string) => [name, `${name}:!`]],
      ['a function', (name: string) => [`${name}:start`, `${name}:start`]],
    ])('has the calls that the dialplan gives to %s', async (_mode, targets) => {
      const { fs, host, clientNode } = bench
      const uuid = newUuid()
      const [name = '', target = ''] = targets(`ivr_${uuid.replaceAll('-', '_')}`)
      const ends = new Arrivals<{ call: HandledCall; names: (string | undefined)[] }>()
      const registration = fs.onCall(name, async (call) => {
        const names: (string | undefined)[] = []
        await call.set('seen', true)
        for await (const event of call) {
          names.push(event.name)
          if (event.name === 'CHANNEL_PARK') await call.hangup('USER_BUSY')
        }
        ends.push({ call, names })
      })
      expect(() => fs.onCall(name, () => undefined)).toThrow(RangeError)
      const commands: string[] = []
      const call = host.call(uuid, {
        sendmsg: (command) => {
          if (command.kind === 'execute') {
            commands.push(`${command.application} ${command.argument}`)
            const headers = { 'Application-UUID': command.eventUuid ?? '' }
            call.emit({ name: 'CHANNEL_EXECUTE_COMPLETE', headers })
            call.emit({ name: 'CHANNEL_PARK' })
          } else if (command.kind === 'hangup') {
            commands.push(command.cause)
            call.end()
          }
        },
      })
      expect(await call.attach(`${target} ${clientNode.name}`)).toMatchObject({ kind: 'attached' })
      const { call: handled, names } = await ends.next('the end of the call')
      expect(handled.uuid).toBe(uuid)
      expect(names).toEqual(['CHANNEL_EXECUTE_COMPLETE', 'CHANNEL_PARK', 'SEND_MESSAGE'])
      expect(commands).toEqual(['set seen=true', 'USER_BUSY'])
      registration.close()
    })

    it('gives a call back when its handler returns or throws, and tells of the latter', async () => {
      const { fs, host, clientNode } = bench
      const failures = new Arrivals<unknown>()
      const told = (error: unknown) => failures.push(error)
      fs.on('handlerError', told)
      const releases = new Arrivals<unknown>()
      const registration = fs.onCall(`giver_${encoding}`, (call) => {
        if (call.variable('bad') === 'yes') throw new Error('handler failed')
      })
      for (const bad of ['no', 'yes']) {
        const call = host.call(newUuid(), {
          headers: { variable_bad: bad },
          released: (release) => releases.push(release),
        })
        await call.attach(`giver_${encoding}:! ${clientNode.name}`)
        expect(await releases.next('the release')).toMatchObject({ reason: 'handlerEnded' })
        call.end()
      }
      expect(await failures.next()).toMatchObject({ message: 'handler failed' })
      registration.close()
      fs.off('handlerError', told)
    })

    it('keeps the events of a thousand calls apart', async () => {
      const { fs, host, clientNode } = bench
      const ends = new Arrivals<[uuid: string, numbers: string[]]>()
      const registration = fs.onCall(`many_${encoding}`, async (call) => {
        const numbers: string[] = []
        for await (const event of call) {
          expect(event.uuid).toBe(call.uuid)
          numbers.push(event.get('n') ?? '')
        }
        ends.push([call.uuid, numbers])
      })
      const calls = Array.from({ length: 1_000 }, () => host.call(newUuid()))
      await Promise.all(calls.map((call) => call.attach(`many_${encoding}:! ${clientNode.name}`)))
      for (const n of [1, 2, 3]) {
        for (const call of calls) call.emit({ name: 'CHANNEL_STATE', headers: { n } })
      }
      for (const call of calls) call.end()
      for (let i = 0; i < calls.length; i += 1) {
        const [, numbers] = await ends.next('the end of a call')
        expect(numbers).toEqual(['1', '2', '3'])
      }
      registration.close()
    })

    it('reads 20,000 events in order while requests go on', async () => {
      const { fs, host } = bench
      const events = fs.events({ names: ['GENERAL'], queueLimit: 100_000 })
      await events.ready
      const total = 20_000
      const emitting = (async () => {
        for (let n = 0; n < total; n += 1) {
          host.emit({ name: 'GENERAL', headers: { n } })
          if (n % 100 === 99) expect(await fs.api('echo', String(n))).toBe(String(n))
        }
      })()
      for (let n = 0; n < total; n += 1) {
        const { value } = await withDeadline(events.next(), `event ${n}`)
        if (value?.get('n') !== String(n)) throw new Error(`event ${value?.get('n')} for ${n}`)
      }
      await emitting
      expect(events.gaps).toBe(0)
      events.close()
    })

    it('counts what a slow reader loses, and goes on', async () => {
      const { fs, host } = bench
      const events = fs.events({ names: ['GENERAL'], queueLimit: 10 })
      const others = fs.events({ names: ['GENERAL'] })
      await Promise.all([events.ready, others.ready])
      for (let n = 0; n < 50; n += 1) host.emit({ name: 'GENERAL', headers: { n } })
      for (let n = 0; n < 50; n += 1) await others.next()
      for (let n = 0; n < 10; n += 1) expect((await events.next()).value?.get('n')).toBe(String(n))
      host.emit({ name: 'GENERAL', headers: { n: 'later' } })
      expect((await events.next()).value?.get('n')).toBe('later')
      expect(events.lost).toBe(40)
      events.close()
      others.close()
    })
  },
)
