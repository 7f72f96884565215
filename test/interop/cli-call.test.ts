import { once } from 'node:events'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Cli, type CliOptions, runCli } from '../helpers/cli.js'
import { ErlNode } from '../helpers/erl-node.js'
import { freePort } from '../helpers/ports.js'

const cookie = 'a_cookie_nobody_sees'

describe('the command line that calls an Erlang node', () => {
  let erl: ErlNode
  let env: Record<string, string>
  beforeAll(async () => {
    erl = await ErlNode.start({ cookie })
    env = { ERL_EPMD_PORT: String(erl.epmdPort), BEAMLINK_COOKIE: cookie }
  })
  afterAll(() => erl.stop())

  function beamlink(words: readonly string[], options: CliOptions = {}) {
    return runCli(words, { ...options, env: { ...env, ...options.env } })
  }

  it('ends with 2 and says so when the command is written wrongly', async () => {
    const wrong: [string[], string][] = [
      [[], 'no command was given'],
      [['cal', erl.name], 'Did you mean call?'],
      [['ping', erl.name, 'more'], 'Unknown argument: more'],
      [['ping', erl.name, '--timeot', '5s'], 'Unknown argument: timeot'],
      [['ping', erl.name, '--timeout', '5'], 'Did you mean 5s?'],
      [['ping', erl.name, '--timeout', '1s', '--timeout', '2s'], 'was given more than once'],
      [['ping', 'no/name@127.0.0.1'], 'a node name'],
      [
        ['ping', erl.name, '--epmd-port', '0'],
        '--epmd-port must be a whole number from 1 to 65535',
      ],
      [['call', erl.name, 'lists', 'reverse', '[1,'], '[1, is no term: expected'],
      [['call', erl.name, 'lists', 'reverse', '--json-args', '[a]'], '[a] is no JSON'],
      [['call', erl.name, 'lists', 'reverse', '{"a":12345678901234567890}'], 'more than 53 bits'],
      [['tasks', erl.name, 'run'], 'needs the name of a task'],
    ]
    for (const [words, text] of wrong) {
      const { code, stdout, stderr } = await beamlink(words)
      expect({ words, code, stdout }).toEqual({ words, code: 2, stdout: '' })
      expect(stderr).toContain(text)
      expect(stderr.trimEnd()).not.toContain('\n')
    }
  })

  it('ends with 1 when the function fails, and names the reason', async () => {
    const failed = await beamlink(['call', erl.name, 'lists', 'sum', 'oops'])
    expect(failed).toEqual({
      code: 1,
      stdout: '',
      stderr: `beamlink: lists:sum/1 failed at ${erl.name}: error:function_clause (ERR_ERL_REMOTE)\n`,
    })
    const missing = await beamlink(['call', erl.name, 'lists', 'nosuch'])
    expect(missing.stderr).toContain('The peer has no such function with so many arguments')
  })

  it('ends with 3 when the peer is not reached, and says what to do', async () => {
    const unknown = await beamlink(['ping', 'nobody@127.0.0.1'])
    expect(unknown.code).toBe(3)
    expect(unknown.stderr).toContain('Start the peer, or compare the name')
    const noEpmd = await beamlink(['ping', erl.name, '--epmd-port', String(await freePort())])
    expect(noEpmd.code).toBe(3)
    expect(noEpmd.stderr).toContain('ERR_ERL_NO_EPMD')
    const wrongCookie = await beamlink(['ping', erl.name, '--cookie', 'another_one', '--verbose'])
    expect(wrongCookie.code).toBe(3)
    expect(wrongCookie.stderr).toMatch(/cookie of the peer.*\(ERR_ERL_AUTH\)\n(.*\n)+ +at /)
    expect(wrongCookie.stderr).not.toContain('another_one')
  })

  it('ends with 4 when no answer comes in time', async () => {
    const words = ['call', erl.name, 'timer', 'sleep', '60000', '--timeout', '200ms', '--json']
    const { code, stderr } = await beamlink(words)
    expect(code).toBe(4)
    expect(JSON.parse(stderr)).toMatchObject({ error: { code: 'ERR_ERL_TIMEOUT' } })
  })

  it('ends with 130 at Ctrl-C, and kills the remote process if told to', async () => {
    await erl.load(
      '-module(cli_wait). -export([wait/0]). wait() -> register(cli_waiter, self()), observer_say(), timer:sleep(60000). observer_say() -> observer ! waiting.',
    )
    const cli = new Cli(['call', erl.name, 'cli_wait', 'wait', '--kill', '--timeout', '1m'], {
      env,
    })
    await erl.observed.next('the function to run')
    const gone = erl.eval(
      'M = monitor(process, cli_waiter), receive {_, M, _, _, Reason} -> Reason after 5000 -> alive end',
    )
    await erl.eval('ok') // the monitor stands
    // Its answer comes after it has heard which process runs the call: only then can it kill that.
    await erl.eval('[pong = net_adm:ping(Node) || Node <- nodes(connected)]')
    cli.child.kill('SIGINT')
    expect(await cli.ended()).toMatchObject({ code: 130, stdout: '', stderr: '' })
    expect(await gone).toBe('killed')
  })

  it('prints the value as an Erlang term, without colours where nobody looks', async () => {
    const words = ['call', erl.name, 'lists', 'reverse', `["a", <<"b">>, 'C', 1.0, #{k => -1}]`]
    const { code, stdout } = await beamlink(words)
    expect({ code, stdout }).toEqual({ code: 0, stdout: `[#{k => -1},1.0,'C',<<"b">>,"a"]\n` })
    const painted = await beamlink([...words, '--color'])
    expect(painted.stdout).toContain('\x1b[32m"b"\x1b[39m')
  })

  it('prints JSON when asked', async () => {
    const list =
      '[{ok, <<"ü"/utf8>>, <<255>>}, nil, true, "ab", 1.0, 12345678901234567890, #{a => []}]'
    const { stdout } = await beamlink(['call', erl.name, 'lists', 'reverse', list, '--json'])
    expect(stdout).toBe(
      '[{"a":[]},12345678901234567890,1.0,[97,98],true,null,["ok","ü",{"base64":"/w=="}]]\n',
    )
  })

  it('takes JSON where it is no Erlang, everywhere with --json-args, and a term from the input', async () => {
    const detected = await beamlink(['call', erl.name, 'maps', 'keys', '{"a": [1, 2.5]}'])
    expect(detected.stdout).toBe('[<<"a">>]\n')
    const asked = await beamlink(['call', erl.name, 'lists', 'reverse', '--json-args', '["a",1]'])
    expect(asked.stdout).toBe('[1,<<"a">>]\n')
    const piped = await beamlink(['call', erl.name, 'lists', 'reverse', '-'], { stdin: '[1,2].\n' })
    expect(piped.stdout).toBe('[2,1]\n')
  })

  it('takes terms in the syntax of Elixir', async () => {
    const words = ['call', erl.name, 'lists', 'reverse', '--elixir', '["a", :b, %{c: nil}]']
    expect((await beamlink(words)).stdout).toBe('[#{c => nil},b,<<"a">>]\n')
  })

  it('takes pids as the peer prints them, and negative numbers', async () => {
    const pid = (await erl.eval('pid_to_list(whereis(kernel_sup))')).replaceAll('"', '')
    const alive = await beamlink(['call', erl.name, 'erlang', 'is_process_alive', pid])
    expect(alive.stdout).toBe('true\n')
    expect((await beamlink(['call', erl.name, 'erlang', 'abs', '-7'])).stdout).toBe('7\n')
    expect((await beamlink(['call', erl.name, 'erlang', 'abs', '-16#FF'])).stdout).toBe('255\n')
    expect((await beamlink(['call', erl.name, 'erlang', 'abs', '--', '-8'])).stdout).toBe('8\n')
  })

  it('prints what the function prints: before the value, or beside JSON', async () => {
    const words = ['call', erl.name, 'io', 'format', '"hello ~p~n"', '[you]']
    expect((await beamlink(words)).stdout).toBe('hello you\nok\n')
    const json = await beamlink([...words, '--json'])
    expect(json).toMatchObject({ stdout: '"ok"\n', stderr: 'hello you\n' })
  })

  it('reads the cookie of a file that only its owner can read', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'beamlink-'))
    const file = path.join(folder, 'cookie')
    try {
      writeFileSync(file, `${cookie}\n`, { mode: 0o600 })
      const words = ['ping', erl.name, '--cookie-file', file]
      expect(await beamlink(words)).toMatchObject({ code: 0, stdout: 'pong\n' })
      chmodSync(file, 0o644)
      const { code, stderr } = await beamlink(words)
      expect(code).toBe(3)
      expect(stderr).toContain('chmod 400')
      expect(stderr).not.toContain(cookie)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  it('takes a short name like erl_call, and reaches a peer on localhost', async () => {
    const short = await ErlNode.start({
      name: 'shortly@localhost',
      shortNames: true,
      cookie,
      epmdPort: erl.epmdPort,
    })
    try {
      const { stdout } = await beamlink(['call', 'shortly@localhost', 'erlang', 'node'])
      expect(stdout).toBe('shortly@localhost\n')
    } finally {
      await short.stop()
    }
  })

  it('does not end in an error when its reader has gone', async () => {
    const cli = new Cli(['call', erl.name, 'lists', 'seq', '1', '300000'], { env })
    cli.child.stdout?.destroy()
    const [code] = await once(cli.child, 'exit')
    expect({ code, stderr: cli.stderr }).toEqual({ code: 0, stderr: '' })
  })
})
