import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { ErlangNode } from 'beamlink'
import { type Call, EventHost } from 'beamlink/freeswitch'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Epmd } from '../helpers/epmd.js'
import { ErlShell } from '../helpers/erl-shell.js'

const cookie = 'ClueCon'
const jobId = /^\{ok,"([0-9a-f-]{36})"\}$/

/** What the documents' examples need: a switch, and a shell in a folder with their modules. */
async function startBoth(shellName: string) {
  const folder = mkdtempSync(path.join(tmpdir(), 'freeswitch-documents-'))
  copyFileSync(
    path.join(__dirname, '../fixtures/freeswitch/myhandler.erl'),
    `${folder}/myhandler.erl`,
  )
  copyFileSync(
    path.join(__dirname, '../helpers/freeswitch/freeswitch.erl'),
    `${folder}/freeswitch.erl`,
  )
  execFileSync('erlc', ['+nowarn_unused_vars', 'myhandler.erl', 'freeswitch.erl'], { cwd: folder })
  const epmd = await Epmd.start()
  const [, host] = shellName.split('@')
  const node = await ErlangNode.start({
    name: `freeswitch@${host}`,
    cookie,
    epmd: { host: '127.0.0.1', port: epmd.port },
    listen: { host: '127.0.0.1' },
  })
  const shell = await ErlShell.start({ name: shellName, cookie, epmdPort: epmd.port, folder })
  const stop = async () => {
    await shell.stop()
    await node.stop()
    await epmd.stop()
    rmSync(folder, { recursive: true })
  }
  return { node, host: new EventHost(node), shell, stop }
}

type Both = Awaited<ReturnType<typeof startBoth>>

describe("the inbound examples of mod_erlang_event's documents, typed into an Erlang shell", () => {
  let both: Both
  let shell: ErlShell

  beforeAll(async () => {
    both = await startBoth('test@example')
    shell = both.shell
    both.host.api('status', () => 'UP 0 years, 0 days\n0 session(s) 0/30\n')
    both.host.api('strftime', (format) => (format === '%Y' ? '2026' : '-ERR'))
    both.host.api('originate', (args) => `+OK ${args}\n`)
  })
  afterAll(() => both.stop())

  it('answers an api command, asynchronously', async () => {
    expect(await shell.type('{foo, freeswitch@example} ! {api, status, ""}.')).toBe(
      '{api,status,[]}',
    )
    expect(await shell.type('receive X -> X after 1000 -> timeout end.')).toBe(
      '{ok,"UP 0 years, 0 days\\n0 session(s) 0/30\\n"}',
    )
  })

  it('tells of a command that is not there', async () => {
    const line =
      '{foo, freeswitch@example} ! {api, wtf, ""}, receive Y -> Y after 1000 -> timeout end.'
    expect(await shell.type(line)).toBe('{error,"wtf: Command not found!\\n"}')
  })

  it('gives the id of a job, then what it printed', async () => {
    const line =
      '{foo, freeswitch@example} ! {bgapi, status, ""}, receive Z -> Z after 1000 -> timeout end.'
    const [, id] = jobId.exec(await shell.type(line)) ?? []
    expect(id).toBeDefined()
    const outcome = await shell.type('receive A -> A after 1000 -> timeout end.')
    expect(outcome.replaceAll(/\s+/g, ' ')).toBe(
      `{bgok,"${id}", "UP 0 years, 0 days\\n0 session(s) 0/30\\n"}`,
    )
  })

  /** What a term that is sent is answered with. */
  const answer = (term: string) =>
    shell.type(
      `{foo, freeswitch@example} ! ${term}, fun() -> receive M -> M after 1000 -> timeout end end().`,
    )

  it('runs the commands that are given as examples', async () => {
    expect(await answer('{api, strftime, "%Y"}')).toBe('{ok,"2026"}')
    expect(await answer('{api, originate, "sofia/mydomain.com/ext@yourvsp.com 1000"}')).toBe(
      '{ok,"+OK sofia/mydomain.com/ext@yourvsp.com 1000\\n"}',
    )
    expect(await answer("{event, 'ALL'}")).toBe('ok')
    expect(await answer("{event, 'CUSTOM', 'conference::maintenance'}")).toBe('ok')
    expect(
      await answer(
        "{event, 'CHANNEL_CREATE', 'CHANNEL_DESTROY', 'CUSTOM', 'conference::maintenance', 'sofia::register', 'sofia::expire'}",
      ),
    ).toBe('ok')
    expect(await answer('{set_log_level, info}')).toBe('ok')
    // The document is wrong here: FreeSWITCH calls it `err`.
    expect(await answer('{set_log_level, error}')).toBe('{error,badarg}')
    expect(
      await answer(
        `{sendevent, 'NOTIFY', [{"profile", "internal"}, {"event-string","check-sync;reboot=false"}, {"user", "false"},\n{"host", "192.168.10.4"}, {"content-type", "application/simple-message-summary"}]}`,
      ),
    ).toBe('ok')
    expect(await answer('getpid')).toMatch(/^\{ok,<\d+\.\d+\.\d+>\}$/)
    expect(await answer('noevents')).toBe('ok')
    expect(await answer('nolog')).toBe('ok')
  })

  it('hangs up the call that sendmsg names, and attaches handlers in both forms', async () => {
    const commands: string[] = []
    both.host.call('d9189508-7caf-dd11-829b-000f1f68e553', {
      sendmsg: (command) => commands.push(command.kind === 'hangup' ? command.cause : command.kind),
    })
    const call = both.host.call('129d1446-0063-122c-15aa-001a923f6a0f')
    expect(
      await answer(
        '{sendmsg, "d9189508-7caf-dd11-829b-000f1f68e553", [{"call-command", "hangup"}, {"hangup-cause", "16"}]}',
      ),
    ).toBe('ok')
    expect(
      await answer('{handlecall, "129d1446-0063-122c-15aa-001a923f6a0f", mycallhandler}'),
    ).toBe('ok')
    expect(call.handlers).toEqual([{ name: 'mycallhandler', node: 'test@example' }])
    expect(await answer('{handlecall, "129d1446-0063-122c-15aa-001a923f6a0f"}')).toBe('ok')
    expect(commands).toEqual(['NORMAL_CLEARING'])
  })

  it('works through the module freeswitch', async () => {
    const printed = await shell.type('freeswitch:api(freeswitch@example,status).')
    expect(printed).toBe('{ok,"UP 0 years, 0 days\\n0 session(s) 0/30\\n"}')
  })
})

describe("the filter example of mod_erlang_event's document", () => {
  let both: Both
  beforeAll(async () => {
    both = await startBoth('foo@localhost')
  })
  afterAll(() => both.stop())

  it('answers each line as printed there, and delivers what passes', async () => {
    const { shell, host } = both
    await shell.type("{foo, 'freeswitch@localhost'} ! register_event_handler.")
    await settled(shell)
    expect(await shell.type('flush().')).toBe('Shell got ok\nok')
    await shell.type(
      "{foo, 'freeswitch@localhost'} ! {filter, 'CC-Action agent-offering', 'CC-Queue support@default'}.",
    )
    await settled(shell)
    expect((await shell.type('flush().')).replaceAll(/\s+/g, ' ')).toBe(
      'Shell got {filter_command_processing_log, [{"added","CC-Action","agent-offering"}, {"added","CC-Queue","support@default"}]} ok',
    )
    await shell.type("{foo, 'freeswitch@localhost'} ! {event, 'CUSTOM', 'callcenter::info'}.")
    await settled(shell)
    expect(await shell.type('flush().')).toBe('Shell got ok\nok')
    const offer = (queue: string) =>
      host.emit({
        name: 'CUSTOM',
        subclass: 'callcenter::info',
        headers: { 'CC-Action': 'agent-offering', 'CC-Queue': queue },
      })
    offer('other@default')
    offer('support@default')
    const got = await shell.type(
      'receive {event, [_ | Pairs]} -> proplists:get_value("CC-Queue", Pairs) after 1000 -> timeout end.',
    )
    expect(got).toBe('"support@default"')
  })
})

/** The answer to what was sent before is in the shell's mailbox when a later question is answered. */
async function settled(shell: ErlShell): Promise<void> {
  await shell.type(
    "{foo, 'freeswitch@localhost'} ! getpid, receive {ok, _} -> ok after 1000 -> timeout end.",
  )
}

describe("the module myhandler of mod_erlang_event's document", () => {
  const uuid = '4f77b818-e945-11dd-a442-9fe384e7e5a2'
  let both: Both
  beforeAll(async () => {
    both = await startBoth('mynode@myserver')
    await both.shell.type('net_kernel:hidden_connect_node(freeswitch@myserver).')
    expect(await both.shell.type('myhandler:start().')).toBe('true')
  })
  afterAll(() => both.stop())

  /** What a call does from the action `erlang` of the dialplan on. */
  async function live(call: Call, target: string) {
    const attached = call.attach(target)
    call.emit({ name: 'CHANNEL_PROGRESS' })
    call.emit({ name: 'CHANNEL_PROGRESS_MEDIA' })
    expect(await attached).toMatchObject({ kind: 'attached' })
    call.emit({ name: 'CHANNEL_PARK' })
    call.emit({ name: 'CHANNEL_HANGUP' })
    call.end()
  }

  it.each([
    ['a registered process', 'myhandler mynode@myserver', /new call received/],
    ['a process that rpc starts', 'myhandler:launch mynode@myserver', /launch request, returning/],
    ['a process that is asked for', 'myhandler:! mynode@myserver', /request to spawn new handler/],
  ])('handles a call in %s', async (_, target, first) => {
    await live(both.host.call(uuid), target)
    const printed = await both.shell.printed(/CHANNEL_HANGUP"/)
    expect(printed).toMatch(first)
    const lines = [...printed.matchAll(/UUID (?:is )?"[^"]+"(?:, event "(\w+)")?/g)]
    expect(lines.map(([, name]) => name)).toEqual([
      undefined,
      'CHANNEL_PROGRESS',
      'CHANNEL_PROGRESS_MEDIA',
      'CHANNEL_PARK',
      'CHANNEL_HANGUP',
    ])
    await both.shell.type('ok.')
  })
})
