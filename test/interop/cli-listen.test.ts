import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Cli, type CliOptions, runCli } from '../helpers/cli.js'
import { ErlNode, testCookie } from '../helpers/erl-node.js'
import { uniqueName } from '../helpers/names.js'
import { freePort } from '../helpers/ports.js'

describe('the command line beside a node', () => {
  let erl: ErlNode
  let env: Record<string, string>
  beforeEach(async () => {
    erl = await ErlNode.start()
    env = { ERL_EPMD_PORT: String(erl.epmdPort), BEAMLINK_COOKIE: testCookie }
  })
  afterEach(() => erl.stop())

  function beamlink(words: readonly string[], options: CliOptions = {}) {
    return runCli(words, { ...options, env })
  }

  describe('send', () => {
    it('ends with 1 when nobody has the name', async () => {
      const { code, stderr } = await beamlink(['send', erl.name, 'nobody', 'hi'])
      expect(code).toBe(1)
      expect(stderr).toContain(`no process is registered as nobody at ${erl.name}`)
    })

    it('ends when the message has arrived', async () => {
      expect(await beamlink(['send', erl.name, 'observer', '{hi, "x", 1.0}'])).toEqual({
        code: 0,
        stdout: '',
        stderr: '',
      })
      expect(await erl.observed.next()).toBe('{hi,"x",1.0}')
    })

    it('takes the pid of a process there, and says when that has ended', async () => {
      const pid = (await erl.eval('pid_to_list(whereis(observer))')).replaceAll('"', '')
      expect(await beamlink(['send', erl.name, pid, '{"to": "a pid"}'])).toMatchObject({ code: 0 })
      expect(await erl.observed.next()).toBe('#{<<"to">> => <<"a pid">>}')
      const ended = await erl.eval('pid_to_list(spawn(fun() -> ok end))')
      const gone = await beamlink(['send', erl.name, ended.replaceAll('"', ''), 'hi'])
      expect(gone.code).toBe(1)
      expect(gone.stderr).toContain(`no process is alive as ${ended.replaceAll('"', '')} at`)
      const other = await beamlink(['send', erl.name, '<other@127.0.0.1.90.0>', 'hi'])
      expect(other.code).toBe(2)
      expect(other.stderr).toContain('is a process of another node')
    })
  })

  describe('listen', () => {
    it('ends with 3 when its node is not there, and with 2 for a count that is none', async () => {
      expect((await beamlink(['listen', 'inbox', 'nobody@127.0.0.1'])).code).toBe(3)
      expect((await beamlink(['listen', 'inbox', '--count', '0'])).code).toBe(2)
    })

    it('prints what comes until Ctrl-C, which is no failure', async () => {
      const name = uniqueName('inbox')
      const cli = new Cli(['listen', 'in box', '--name', name], { env })
      await cli.printed(`{'in box','${name}'} waits for messages`)
      await erl.eval(`{'in box', '${name}'} ! {ok, 1.0, self()}, {'in box', '${name}'} ! "two"`)
      await cli.printed('"two"')
      cli.child.kill('SIGINT')
      const { code, stdout } = await cli.ended()
      expect(code).toBe(0)
      expect(stdout).toMatch(/^\{ok,1\.0,<.*>\}\n"two"\n$/)
      expect((await beamlink(['names'])).stdout).not.toContain('inbox')
    })

    it('ends after as many messages as were asked for, as JSON if wanted', async () => {
      const name = uniqueName('inbox')
      const cli = new Cli(['listen', 'inbox', erl.name, '--name', name, '--count', '2', '--json'], {
        env,
      })
      await cli.printed('waits for messages')
      await erl.eval(`[{inbox, '${name}'} ! #{n => N} || N <- [1, 2, 3]]`)
      expect(await cli.ended()).toMatchObject({ code: 0, stdout: '{"n":1}\n{"n":2}\n' })
    })
  })

  describe('names and epmd', () => {
    it('ends with 3 where no epmd answers', async () => {
      const words = ['names', '--epmd-port', String(await freePort()), '--timeout', '2s']
      const { code, stderr } = await beamlink(words)
      expect({ code, told: stderr.includes('ERR_ERL_NO_EPMD') }).toEqual({ code: 3, told: true })
    })

    it('lists the nodes, as text and as JSON', async () => {
      const [alive] = erl.name.split('@')
      expect((await beamlink(['names'])).stdout).toMatch(
        new RegExp(`^name ${alive} at port \\d+\n$`),
      )
      const json = await beamlink(['names', '127.0.0.1', '--json'])
      expect(JSON.parse(json.stdout)).toEqual([{ alive, port: expect.any(Number) }])
    })

    it('is an epmd that nodes register with, until SIGTERM, and says when there is one', async () => {
      const port = await freePort()
      const cli = new Cli(['epmd', '--epmd-port', String(port)])
      await cli.printed(`epmd listens on 127.0.0.1:${port}`)
      const other = await ErlNode.start({ epmdPort: port })
      try {
        const { stdout } = await beamlink(['names', '--epmd-port', String(port)])
        expect(stdout).toContain(other.name.split('@')[0])
        const second = await beamlink(['epmd', '--epmd-port', String(port)])
        expect(second.code).toBe(5)
        expect(second.stderr).toContain('held by another epmd')
      } finally {
        await other.stop()
      }
      cli.child.kill('SIGTERM')
      expect(await cli.ended()).toMatchObject({ code: 0, stderr: '' })
    })
  })

  describe('trace', () => {
    it('ends with 1 for a function that is not there, and with 2 without an end', async () => {
      const missing = await beamlink(['trace', erl.name, 'lists', 'nosuch/9'])
      expect(missing).toMatchObject({ code: 1, stdout: '' })
      expect(missing.stderr).toContain('has no function lists:nosuch/9')
      expect((await beamlink(['trace', erl.name, 'lists', '--for', 'infinity'])).code).toBe(2)
    })

    it('shows calls, values and exceptions, and takes its traces back', async () => {
      const words = ['trace', erl.name, 'lists', 'seq/2', '--returns', '--limit', '2']
      const cli = new Cli(words, { env })
      await cli.printed('tracing 1 function(s) of lists')
      await erl.eval('lists:seq(1, 3), catch lists:seq(a, b)')
      const { code, stdout, stderr } = await cli.ended()
      expect(code).toBe(0)
      expect(stderr).toContain('so many calls were asked for')
      const shown = stdout.replace(/^\S+ <\S+> /gm, '')
      expect(shown).toBe(
        'lists:seq(1,3)\nlists:seq/2 -> [1,2,3]\nlists:seq(a,b)\nlists:seq/2 raised {error,function_clause}\n',
      )
      expect(await erl.eval('erlang:trace_info({lists, seq, 2}, traced)')).toBe('{traced,false}')
    })

    it('takes its traces back at Ctrl-C, and when its time is over', async () => {
      const cli = new Cli(['trace', erl.name, 'lists', 'seq/2'], { env })
      await cli.printed('tracing')
      cli.child.kill('SIGINT')
      expect((await cli.ended()).code).toBe(0)
      expect(await erl.eval('erlang:trace_info({lists, seq, 2}, traced)')).toBe('{traced,false}')
      const short = await beamlink(['trace', erl.name, 'lists', 'seq/2', '--for', '50ms'])
      expect(short).toMatchObject({ code: 0, stdout: '' })
      expect(short.stderr).toContain('the time is over')
    })

    it('stops when the calls are more than it can show', async () => {
      const cli = new Cli(['trace', erl.name, 'lists', 'reverse/1', '--limit', '1000000'], { env })
      await cli.printed('tracing')
      await erl.eval('[lists:reverse([N]) || N <- lists:seq(1, 100000)], ok')
      const { code, stderr } = await cli.ended()
      expect(code).toBe(0)
      expect(stderr).toContain('more calls than can be shown')
    })

    it('takes its traces back when it is killed', async () => {
      const cli = new Cli(['trace', erl.name, 'lists', 'seq/2'], { env })
      await cli.printed('tracing')
      cli.child.kill('SIGKILL')
      await cli.ended()
      const gone = `fun Wait(0) -> still; Wait(N) ->
        case erlang:trace_info({lists, seq, 2}, traced) of
          {traced, false} -> gone;
          _ -> receive after 20 -> Wait(N - 1) end
        end end(250)`
      expect(await erl.eval(gone)).toBe('gone')
    })
  })
})
