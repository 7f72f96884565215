import { Atom, ErlangNode, isAtom, isTagged, isTuple, type Term } from 'beamlink'
import {
  eventNames,
  FreeSwitch,
  type HandledCall,
  type Lookup,
  SwitchEvent,
} from 'beamlink/freeswitch'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { ErlNode, testCookie } from '../helpers/erl-node.js'
import {
  type Exchange,
  nameSenders,
  RecordedSwitch,
} from '../helpers/freeswitch/recorded-switch.js'
import { uniqueName } from '../helpers/names.js'
import { Arrivals, withDeadline } from '../helpers/waiting.js'

let erl: ErlNode
let node: ErlangNode

beforeAll(async () => {
  erl = await ErlNode.start()
  const epmd = { host: '127.0.0.1', port: erl.epmdPort }
  const own = await ErlangNode.start({ name: uniqueName('client'), cookie: testCookie, epmd })
  node = nameSenders(own)
})
afterAll(async () => {
  await node.stop()
  await erl.stop()
})

/** The text of a recorded string. */
function textOf(term: Term | undefined): string {
  if (!Array.isArray(term)) throw new TypeError('no string')
  return Buffer.from(term as number[]).toString()
}

function isText(term: Term | undefined): term is Term {
  return Array.isArray(term) && term.every((byte) => typeof byte === 'number' && byte < 256)
}

/** What `{error, Reason}` becomes. */
const reasonOf = (term: Term | undefined) => (Atom.is(term) ? term : textOf(term))

/** Who a reply went to, and the reply. */
function addressed(reply: Term): [who: string, term: Term] {
  return isTagged(reply, 'to', 3) ? [String(reply[1]), reply[2]] : ['main', reply]
}

function repliesTo(who: string, { replies }: Exchange): Term[] {
  return replies.map(addressed).flatMap(([to, term]) => (to === who ? [term] : []))
}

function headersOf(event: Term | undefined): SwitchEvent {
  const read = event === undefined ? undefined : SwitchEvent.fromTerm(event)
  if (read === undefined) throw new TypeError('no event')
  return read
}

describe.each(['string', 'binary'])(
  'a client of the recorded FreeSWITCH, encoding %s',
  (encoding) => {
    let server: RecordedSwitch
    let fs: FreeSwitch
    let exchanges: Map<string, Exchange>

    const exchangeOf = (name: string): Exchange => {
      const exchange = exchanges.get(name)
      if (exchange === undefined) throw new Error(`no exchange ${name}`)
      return exchange
    }
    const like = (wanted: RegExp): Exchange[] =>
      Array.from(exchanges.values()).filter(({ name }) => wanted.test(name))

    beforeAll(async () => {
      server = await RecordedSwitch.start(erl, node.name, encoding)
      exchanges = await server.exchanges()
      fs = new FreeSwitch(node, erl.name, { name: server.name })
    })
    afterEach(async () => {
      expect(await server.faults()).toBe('[]')
    })
    afterAll(() => fs.close())

    it('runs every api command that was recorded with text', async () => {
      const commands = Array.from(exchanges.values()).filter(
        ({ request, replies }) =>
          isTagged(request, 'api', 3) &&
          Atom.is(request[1]) &&
          /^[\x21-\xff]+$/.test(request[1].name) &&
          isText(request[2]) &&
          replies.length > 0 &&
          isText((addressed(replies[0] as Term)[1] as { 1?: Term })[1]),
      )
      expect(commands.length).toBeGreaterThan(80)
      for (const { name, request, replies } of commands) {
        const [, command, args] = request as unknown as [Atom, Atom, Term]
        const [, reply] = addressed(replies[0] as Term)
        await server.play(name)
        const answer = fs.api(command.name, textOf(args))
        if (isTagged(reply, 'ok', 2)) expect(await answer).toBe(textOf(reply[1]))
        else {
          const reason = reasonOf((reply as { 1?: Term })[1])
          await expect(answer).rejects.toMatchObject({ code: 'ERR_ERL_REMOTE', reason })
        }
      }
    })

    it('runs every background job that was recorded with text', async () => {
      const jobs = like(/^bgapi_/).filter(
        ({ request, replies }) =>
          isTagged(request, 'bgapi', 3) && isText(request[2]) && replies.length === 2,
      )
      expect(jobs.length).toBeGreaterThan(5)
      for (const { name, request, replies } of jobs) {
        const [, command, args] = request as unknown as [Atom, Atom, Term]
        const [accepted, end] = replies as unknown as [{ 1: Term }, { 2: Term }]
        await server.play(name)
        const job = await fs.bgapi(command.name, textOf(args))
        expect(job.id).toBe(textOf(accepted[1]))
        if (isTagged(end, 'bgok')) expect(await job.result).toBe(textOf(end[2]))
        else await expect(job.result).rejects.toMatchObject({ reason: textOf(end[2]) })
      }
    })

    it('asks for the pid', async () => {
      await server.play('getpid')
      expect((await fs.pid()).node.name).toBe(erl.name)
    })

    it('fires every event that was recorded as fired', async () => {
      const events = fs.events()
      await events.ready
      let count = 0
      for (const { name, request, replies } of like(/^(sendevent|custom)_/)) {
        const event = sentEvent(request)
        if (event === undefined) continue
        count += 1
        await server.play(name)
        const delivered = repliesTo('evh', { name, request, replies })
        const sent = fs.sendEvent(event)
        if (isTagged(replies[0], 'error')) await expect(sent).rejects.toThrow()
        else await sent
        for (const one of delivered) {
          const got = await withDeadline(events.next(), `the event of ${name}`)
          expect(got.value?.headers).toEqual(headersOf(one).headers)
          expect(got.value?.body).toBe(headersOf(one).body)
        }
      }
      expect(count).toBeGreaterThan(15)
      events.close()
    })

    it('sends every command to a call that was recorded as good, or without a call', async () => {
      let count = 0
      for (const { name, request, replies } of like(/^sendmsg_/)) {
        const command = sentCommand(request)
        if (command === undefined) continue
        count += 1
        await server.play(name)
        const sent = fs.sendMsg(...command)
        const [answer] = repliesTo('main', { name, request, replies })
        if (isTagged(answer, 'error', 2)) {
          await expect(sent).rejects.toMatchObject({ code: 'ERR_ERL_REMOTE', reason: answer[1] })
        } else await sent
      }
      expect(count).toBeGreaterThan(8)
    })

    it('runs an application with an id for its events', async () => {
      const { request } = exchangeOf('sendmsg_event_uuid')
      await server.play('sendmsg_event_uuid')
      const uuid = textOf((request as { 1?: Term })[1])
      await fs.execute(uuid, 'set', 'foo=bar', { eventUuid: 'my-event-id' })
    })

    it('sets and removes filters', async () => {
      await server.play('filter_add')
      await fs.filters.add('X-Test', 'two')
      await server.play('filter_delete_value')
      await fs.filters.remove('X-Test', 'two')
      await server.play('filter_delete_header')
      await fs.filters.remove('X-Test')
      await server.play('filter_delete_all')
      await fs.filters.clear()
      await expect(fs.filters.add('X-Test', '')).rejects.toThrow(RangeError)
      await expect(fs.filters.add('X Test', 'a')).rejects.toThrow(RangeError)
    })

    it('subscribes as a reader asks', async () => {
      await server.play('event_heartbeat')
      const heartbeats = fs.events({ names: ['HEARTBEAT'] })
      await heartbeats.ready
      heartbeats.close()
    })

    it('reads lines of the log', async () => {
      const lines = fs.logs({ level: 'info' })
      await lines.ready
      await server.play('log_tuple')
      await fs.api('log', 'info a line')
      const { value } = await withDeadline(lines.next(), 'a line')
      expect(value).toMatchObject({
        level: 6,
        levelName: 'info',
        file: 'mod_commands.c',
        func: 'log_function',
        line: 7247,
        uuid: undefined,
      })
      expect(value?.text).toMatch(/ \[INFO\] mod_commands.c:7247 a line\n$/)
      lines.close()
    })

    it.each(['alert', 'crit', 'err', 'warning', 'notice', 'info'] as const)(
      'sets the log level %s',
      async (level) => {
        await server.play(`set_log_level_${level}`)
        const lines = fs.logs({ level })
        await lines.ready
        lines.close()
      },
    )

    it('answers every lookup that was recorded with a document', async () => {
      const lookups = like(/^(fetch|dialplan_fetch)/).filter(
        ({ name, replies }) =>
          !/three_bindings|duplicate|without_params|in_api|late|timeout/.test(name) &&
          replies.some((reply) => isTagged(addressed(reply)[1], 'fetch', 7)),
      )
      let count = 0
      for (const exchange of lookups) {
        const document = documentOf(exchange)
        const fetch = repliesTo('b1', exchange).find((term) => isTagged(term, 'fetch', 7))
        if (document === undefined || !isTagged(fetch, 'fetch', 7)) continue
        count += 1
        const asked = new Arrivals<Lookup>()
        const section = String(fetch[1]) as Lookup['section']
        const binding = await fs.fetchHandler(section, (lookup) => {
          asked.push(lookup)
          return document.includes('status="not found"') ? undefined : document
        })
        await server.play(exchange.name)
        const [first] = exchange.request as [{ 2: { 1: Atom; 2: Term } }]
        const job = await fs.bgapi(first[2][1].name, textOf(first[2][2]))
        const lookup = await asked.next(exchange.name)
        expect(lookup).toMatchObject({
          section,
          tag: textOf(fetch[2]) === 'undefined' ? undefined : textOf(fetch[2]),
          id: textOf(fetch[5]),
        })
        expect(lookup.params.headers).toEqual(SwitchEvent.fromList(fetch[6])?.headers)
        await job.result.catch(() => undefined)
        await server.done()
        binding.close()
      }
      expect(count).toBeGreaterThan(8)
    })

    it('is refused, and takes, calls by id', async () => {
      await server.play('handlecall_badsession')
      await expect(fs.handleCall('no-such-uuid')).rejects.toMatchObject({
        reason: new Atom('badsession'),
      })
      await server.play('handlecall_name_bad')
      await expect(fs.giveCall('no-such-uuid', 'handler2')).rejects.toThrow('badsession')
      const { replies } = exchangeOf('handlecall_pid')
      await server.play('handlecall_pid')
      const call = await fs.handleCall('66666666-0000-0000-0000-000000000001')
      expect(call.data.headers).toEqual(headersOf(callOf(replies)).headers)
      expect(call.variable('uuid')).toBe('66666666-0000-0000-0000-000000000001')
      await server.play('session_event_all')
      await call.subscribe({ names: ['ALL'] })
      call.release()
    })

    it.each([
      ['a registered name', 'outbound_registered_full', 'handler'],
      ['a registered name that is asked for a pid', 'outbound_getpid_reg_send', 'handler'],
      ['a function', 'outbound_rpc', 'fsdrv:newcall'],
    ])('has a call by %s until it is hung up', async (_mode, name, target) => {
      const exchange = exchangeOf(name)
      const told = [...repliesTo('handler', exchange), ...repliesTo('worker', exchange)]
      const wanted = told.filter((term) => isTagged(term, 'call_event', 2))
      const calls = new Arrivals<{ call: HandledCall; events: SwitchEvent[] }>()
      const registration = fs.onCall(target, async (call) => {
        const events: SwitchEvent[] = []
        for await (const event of call) {
          events.push(event)
          if (
            events.length === wanted.length &&
            !told.some((term) => isTagged(term, 'call_hangup'))
          )
            break
        }
        calls.push({ call, events })
      })
      await server.play(name, { handler: `{handler, '${node.name}'}` })
      const { 2: originate } = exchange.request as { 2: { 2: Term } }
      await fs.bgapi('originate', textOf(originate[2]))
      const { call, events } = await calls.next(name)
      expect(call.data.headers).toEqual(headersOf(callOf(exchange.replies)).headers)
      expect(events.map(({ headers }) => headers)).toEqual(
        wanted.map((term) => headersOf((term as { 1?: Term })[1]).headers),
      )
      registration.close()
    })
  },
)

function callOf(replies: readonly Term[]): Term {
  const call = replies.map((reply) => addressed(reply)[1]).find((term) => isTagged(term, 'call', 2))
  if (!isTagged(call, 'call', 2)) throw new TypeError('no call')
  return call[1]
}

/** The client's form of a recorded `sendevent`, where it has one. */
function sentEvent(request: Term): Parameters<FreeSwitch['sendEvent']>[0] | undefined {
  if (!isTagged(request, 'sendevent')) return undefined
  const [, name, ...rest] = request
  const hasSubclass = isAtom(name, 'CUSTOM') && Atom.is(rest[0])
  const pairs = rest.length === (hasSubclass ? 2 : 1) ? pairsOf(rest.at(-1)) : undefined
  if (!Atom.is(name) || isAtom(name, 'CUSTOM') !== hasSubclass || pairs === undefined)
    return undefined
  if (!eventNames.some((known) => known === name.name)) return undefined
  if (pairs.some(([key]) => Buffer.byteLength(key) > 1023)) return undefined
  const body = pairs.find(([key]) => key === 'body')?.[1]
  const subclass = hasSubclass ? String(rest[0]) : ''
  return {
    name: name.name as 'GENERAL',
    headers: pairs.filter(([key]) => key !== 'body'),
    ...(subclass === '' ? {} : { subclass }),
    ...(body === undefined ? {} : { body }),
  }
}

function sentCommand(request: Term): [uuid: string, headers: [string, string][]] | undefined {
  if (!isTagged(request, 'sendmsg', 3) || !isText(request[1])) return undefined
  const uuid = textOf(request[1])
  const headers = pairsOf(request[2])
  const isGood =
    headers?.some(([key]) => key === 'call-command') && uuid.length <= 256 && uuid !== ''
  return isGood && headers !== undefined ? [uuid, headers] : undefined
}

function pairsOf(list: Term | undefined): [string, string][] | undefined {
  if (!Array.isArray(list)) return undefined
  const pairs: [string, string][] = []
  for (const pair of list) {
    if (!isTuple(pair, 2) || !isText(pair[0]) || !isText(pair[1])) return undefined
    pairs.push([textOf(pair[0]), textOf(pair[1])])
  }
  return pairs
}

/** The document that was answered, if it was one of XML. */
function documentOf({ request }: Exchange): string | undefined {
  const answer = Array.isArray(request) ? request[1] : undefined
  const reply = isTagged(answer, 'from', 3) ? answer[2] : undefined
  if (!isTagged(reply, 'fetch_reply', 3)) return undefined
  const [, , xml] = reply
  const text = Buffer.isBuffer(xml) ? xml.toString() : isText(xml) ? textOf(xml) : ''
  return text.startsWith('<document') ? text : undefined
}
