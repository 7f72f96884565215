import { readFileSync } from 'node:fs'
import path from 'node:path'
import { ErlangNode } from 'beamlink'
import { EventHost, type TextEncoding } from 'beamlink/freeswitch'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ErlNode, type ErlSession, testCookie } from '../helpers/erl-node.js'
import { uniqueName } from '../helpers/names.js'
import { until } from '../helpers/waiting.js'

const contract = readFileSync(path.join(__dirname, '../helpers/freeswitch/freeswitch.erl'), 'utf8')

/** Tells the test what came, and answers lookups. */
const handler = `
  -module(fshandler).
  -export([run/2]).
  run(Node, {Tester, Xml} = State) ->
    receive
      {fetch, Section, _, _, Value, Id, _} ->
        Tester ! {fetched, Section, Value, freeswitch:fetch_reply(Node, Id, Xml)};
      Message -> Tester ! Message
    end,
    run(Node, State).`

const xml = '<document type="freeswitch/xml"><section name="directory"/></document>'

describe.each(['string', 'binary'] as const)(
  'the functions of the module freeswitch, encoding=%s',
  (encoding: TextEncoding) => {
    let erl: ErlNode
    let node: ErlangNode
    let host: EventHost
    let session: ErlSession

    /** A call of the module, as the process that all of a test's calls are made by. */
    const call = (expression: string) =>
      session.eval(
        expression.replaceAll('N,', `'${node.name}',`).replaceAll('N)', `'${node.name}')`),
      )
    const received = () => session.eval('(fun() -> receive M -> M after 5000 -> nothing end end)()')
    const text = (value: string) => (encoding === 'binary' ? `<<"${value}">>` : `"${value}"`)

    beforeAll(async () => {
      erl = await ErlNode.start()
      const epmd = { host: '127.0.0.1', port: erl.epmdPort }
      node = await ErlangNode.start({ name: uniqueName('fs'), cookie: testCookie, epmd })
      host = new EventHost(node, { encoding })
      host.api('echo', (args) => args)
      host.api('status', () => 'UP')
      await erl.load(contract)
      await erl.load(handler)
      session = erl.session()
    })
    afterAll(async () => {
      await node.stop()
      await erl.stop()
    })

    it('returns errors as they are', async () => {
      expect(await call('freeswitch:api(N, nosuch, "x")')).toBe(
        `{error,${text('nosuch: Command not found!\\n')}}`,
      )
      expect(await call('freeswitch:noevents(N)')).toBe('{error,notlistening}')
      expect(await call('freeswitch:session_noevents(N)')).toBe('{error,notlistening}')
      expect(await call(`freeswitch:sendmsg(N, "nosuch", [{"call-command", "hangup"}])`)).toBe(
        '{error,nosession}',
      )
      expect(await call('freeswitch:start_fetch_handler(N, phrases, fshandler, run, x)')).toBe(
        '{error,badarg}',
      )
    })

    it('runs commands', async () => {
      expect(await call('freeswitch:api(N, status)')).toBe(`{ok,${text('UP')}}`)
      expect(await call('freeswitch:api(N, echo, "hi")')).toBe(`{ok,${text('hi')}}`)
      expect(await call('freeswitch:send(N, {api, echo, "hi"})')).toBe(`{ok,${text('hi')}}`)
      expect(await call('{ok, Pid} = freeswitch:getpid(N), is_pid(Pid)')).toBe('true')
    })

    it('hands the outcome of a job to its caller, or to a function', async () => {
      await call('{ok, Job} = freeswitch:bgapi(N, echo, "hi")')
      expect(
        await session.eval('receive {bgok, Job, Text} -> Text after 5000 -> nothing end'),
      ).toBe(text('hi'))
      await call(
        'Self = self(), ok = freeswitch:bgapi(N, nosuch, "", fun(O, T) -> Self ! {O, T} end)',
      )
      expect(await received()).toBe(`{error,${text('nosuch: Command not found!\\n')}}`)
    })

    it('delivers events to a handler that it starts, and reads them', async () => {
      await call('{ok, _} = freeswitch:start_event_handler(N, fshandler, run, {Self, none})')
      expect(await call("freeswitch:event(N, ['API', 'GENERAL'])")).toBe('ok')
      expect(await call("freeswitch:nixevent(N, 'API')")).toBe('ok')
      expect(await call("freeswitch:event(N, ['CUSTOM', 'my::sub'])")).toBe('ok')
      expect(
        await call(`freeswitch:sendevent(N, 'GENERAL', [{"k", "v"}, {"body", "all of it"}])`),
      ).toBe('ok')
      await session.eval('Event = receive {event, _} = E -> E after 5000 -> nothing end')
      // As in FreeSWITCH's module, names are strings.
      const key = (name: string) => (encoding === 'binary' ? `<<"${name}">>` : `"${name}"`)
      expect(await session.eval(`freeswitch:get_event_header(Event, ${key('k')})`)).toBe(text('v'))
      expect(await session.eval(`freeswitch:get_event_header(Event, ${key('nosuch')})`)).toBe(
        '{error,notfound}',
      )
      const isString = encoding === 'string'
      expect(await session.eval('freeswitch:get_event_name(Event)')).toBe(
        isString ? '"GENERAL"' : '{error,notfound}',
      )
      expect(await session.eval('freeswitch:get_event_body(Event)')).toBe(
        isString ? '"all of it"' : '{error,notfound}',
      )
      expect(await call(`freeswitch:sendevent_custom(N, 'my::sub', [{"k", "v"}])`)).toBe('ok')
      expect(await received()).toContain('my::sub')
      expect(await call('freeswitch:noevents(N)')).toBe('ok')
    })

    it('delivers log lines to a handler that it starts', async () => {
      await call('{ok, _} = freeswitch:start_log_handler(N, fshandler, run, {Self, none})')
      host.log({ level: 'crit', text: 'a line' })
      expect(await received()).toMatch(/^\{log,\[\{level,2\}/)
      expect(await call('freeswitch:send(N, nolog)')).toBe('ok')
    })

    it('answers lookups in a handler that it starts', async () => {
      await call(
        `{ok, _} = freeswitch:start_fetch_handler(N, directory, fshandler, run, {Self, <<${JSON.stringify(xml)}>>})`,
      )
      expect(await host.fetch('directory', { tag: 'domain', key: 'name', value: 'a.org' })).toBe(
        xml,
      )
      expect(await received()).toBe(`{fetched,directory,${text('a.org')},ok}`)
    })

    it('handles a call, by pid and by name', async () => {
      const uuid = '129d1446-0063-122c-15aa-001a923f6a0f'
      const commands: string[] = []
      const attached = host.call(uuid, { sendmsg: ({ kind }) => commands.push(kind) })
      expect(await call(`freeswitch:handlecall(N, "${uuid}", somebody)`)).toBe('ok')
      expect(attached.handlers).toEqual([{ name: 'somebody', node: erl.name }])
      expect(await call(`freeswitch:handlecall(N, "${uuid}")`)).toBe('ok')
      expect(await received()).toMatch(/^\{call,\{event,/)
      expect(await call("freeswitch:session_event(N, 'CHANNEL_HANGUP')")).toBe('ok')
      expect(await call("freeswitch:session_nixevent(N, ['CHANNEL_PARK'])")).toBe('ok')
      expect(await call(`freeswitch:sendmsg(N, "${uuid}", [{"call-command", "hangup"}])`)).toBe(
        'ok',
      )
      expect(await call('freeswitch:session_noevents(N)')).toBe('ok')
      attached.end()
      expect(await session.eval('receive {call_hangup, U} -> U after 5000 -> nothing end')).toBe(
        text(uuid),
      )
      expect(commands).toEqual(['hangup'])
    })

    it('closes the connection', async () => {
      const down = until(node, 'nodedown')
      expect(await call('freeswitch:close(N)')).toBe('ok')
      await down
    })
  },
)
