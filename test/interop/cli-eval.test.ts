import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Cli, cliProgram, runCli } from '../helpers/cli.js'
import { ErlNode, testCookie } from '../helpers/erl-node.js'
import { withDeadline } from '../helpers/waiting.js'

describe('the command line that evaluates at an Erlang node', () => {
  let erl: ErlNode
  let env: Record<string, string>
  let folder: string
  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'beamlink-'))
    erl = await ErlNode.start()
    env = {
      ERL_EPMD_PORT: String(erl.epmdPort),
      BEAMLINK_COOKIE: testCookie,
      XDG_STATE_HOME: folder,
    }
  })
  afterAll(async () => {
    await erl.stop()
    rmSync(folder, { recursive: true })
  })

  describe('eval', () => {
    it('ends with 2 for what is no expression, and with 1 for what raises', async () => {
      const wrong = await runCli(['eval', erl.name, 'foo('], { env })
      expect(wrong).toMatchObject({ code: 2, stdout: '' })
      expect(wrong.stderr).toContain("syntax error before: '.'")
      const raised = await runCli(['eval', erl.name, 'throw({no, "way"})'], { env })
      expect(raised).toEqual({
        code: 1,
        stdout: '',
        stderr: 'beamlink: exception throw: {no,"way"} (ERR_ERL_REMOTE)\n',
      })
      expect((await runCli(['eval', erl.name, ''], { env })).code).toBe(2)
    })

    it('prints what the expression prints, and the value of the last', async () => {
      const source = 'F = fun(X) -> X * 2 end. io:format("hi~n"), F(1.0)'
      const { code, stdout } = await runCli(['eval', erl.name, source], { env })
      expect({ code, stdout }).toEqual({ code: 0, stdout: 'hi\n2.0\n' })
      const piped = await runCli(['eval', erl.name, '-'], { env, stdin: 'A = 1.\nA + 1.\n' })
      expect(piped.stdout).toBe('2\n')
    })
  })

  describe('shell, fed by a pipe', () => {
    it('keeps variables and goes on after errors, of which its exit code tells', async () => {
      const stdin = 'X = 5.\nX *\n  2.\nlists:nosuch().\nX + 1.\nb().\nf(X).\nX.\nq().\nnever.\n'
      const { code, stdout, stderr } = await runCli(['shell', erl.name], { env, stdin })
      expect({ code, stdout }).toEqual({ code: 1, stdout: '5\n10\n6\nX = 5\n' })
      expect(stderr).toContain('exception error: undef')
      expect(stderr).toContain("{unbound,'X'}")
    })

    const shell = (...lines: readonly string[]) =>
      runCli(['shell', erl.name], { env, stdin: lines.map((line) => `${line}\n`).join('') })

    it('evaluates in one process with a mailbox and a dictionary, as erl', async () => {
      const { code, stdout } = await shell(
        'Self = self(), Self ! {hello, 1.0}, Self ! two, put(key, kept).',
        'self() =:= Self.',
        'get(key).',
        'receive {hello, X} -> X end.',
        'flush().',
        'self() ! again, receive M -> M after 0 -> none end.',
        'put(F = fun() -> get(key) end, 1), F().',
        'receive never -> never after 0 -> empty end.',
      )
      expect({ code, stdout }).toEqual({
        code: 0,
        stdout: 'undefined\ntrue\nkept\n1.0\nShell got two\nok\nagain\nkept\nempty\n',
      })
    })

    it('goes on in another process after an error, with variables and dictionary, as erl', async () => {
      const { code, stdout, stderr } = await shell(
        'Before = self(), put(key, kept), Link = spawn(fun() -> link(Before), receive stop -> ok end end).',
        'erlang:yield(), Ref = monitor(process, Link), ok.',
        'exit(oops).',
        "receive {'DOWN', Ref, _, _, Why} -> Why after 0 -> mail_is_gone end.",
        'is_process_alive(Before).',
        'get(key).',
      )
      expect(stdout).toMatch(/^<.*>\nok\nmail_is_gone\nfalse\nkept\n$/)
      expect(stderr).toBe('beamlink: exception exit: oops (ERR_ERL_REMOTE)\n')
      expect(code).toBe(1)
    })

    it('tells what ends its process while it evaluates: a link, or somebody else', async () => {
      const { stdout, stderr } = await shell(
        'spawn_link(fun() -> exit(boom) end), receive after 5000 -> late end.',
        'exit(self(), kill), receive after 5000 -> late end.',
        'alive.',
      )
      expect(stdout).toBe('alive\n')
      expect(stderr.match(/exception exit: \w+/g)).toEqual([
        'exception exit: boom',
        'exception exit: killed',
      ])
    })

    it('leaves no process at the peer, not even one that traps exits', async () => {
      const { stdout } = await shell('process_flag(trap_exit, true), pid_to_list(self()).', 'q().')
      const pid = stdout.trim()
      expect(pid).toMatch(/^"<\d+\.\d+\.\d+>"$/)
      expect(await erl.eval(`is_process_alive(list_to_pid(${pid}))`)).toBe('false')
    })

    it('leaves none when it is killed while it evaluates', async () => {
      const line = 'process_flag(trap_exit, true), observer ! self(), receive never -> ok end.\n'
      const cli = new Cli(['shell', erl.name], { env, stdin: line })
      const pid = await erl.observed.next('the evaluating process', 20_000)
      const ended = erl.eval(`M = monitor(process, list_to_pid("${pid}")),
        receive {'DOWN', M, _, _, Why} -> Why after 10000 -> alive end`)
      await erl.eval('ok') // the monitor stands
      cli.child.kill('SIGKILL')
      await cli.ended()
      expect(await ended).toBe('killed')
    })

    it('leaves the peer alone when it is left', async () => {
      const { code } = await runCli(['shell', erl.name], { env, stdin: 'q().\n' })
      expect(code).toBe(0)
      expect(await erl.eval('1 + 1')).toBe('2')
    })

    it('knows the functions of Erlang’s shell', async () => {
      const { stdout } = await runCli(['shell', erl.name], { env, stdin: 'pwd().\n' })
      expect(stdout).toMatch(/^\/.*\nok\n$/)
    })
  })

  describe('shell, at a terminal', () => {
    it('completes, ends what runs at Ctrl-C, and keeps its history to its owner', async () => {
      const terminal = new Terminal(['shell', erl.name], env)
      await terminal.until(`(${erl.name})1> `)
      terminal.type('lists:seq')
      await terminal.until('lists:seq')
      terminal.type('(1,3).\r')
      await terminal.until('2> ')
      expect(terminal.seen).toContain('[\x1b[33m1\x1b[39m,')
      terminal.type('binar')
      await terminal.until('binar')
      terminal.type('\t')
      await terminal.until('y:')
      terminal.type('copy(<<$x>>).\r')
      await terminal.until('3> ')
      terminal.type('observer ! busy, timer:sleep(60000).\r')
      await erl.observed.next('the sleep')
      terminal.type('\x03')
      await terminal.until('interrupted')
      await terminal.until('4> ')
      terminal.type('register(of_shell, self()).\r')
      await terminal.until('5> ')
      terminal.type(' secret_value')
      await terminal.until('secret_value')
      await erl.eval('exit(whereis(of_shell), gone), ok')
      await terminal.until('exception exit: gone')
      await terminal.until('5> ')
      await terminal.until('secret_value')
      terminal.type('.\r')
      await terminal.until('6> ')
      terminal.type('\x04')
      expect(await terminal.ended()).toBe(0)
      const file = path.join(folder, 'beamlink/shell')
      expect(statSync(file).mode & 0o777).toBe(0o600)
      expect(readFileSync(file, 'utf8')).toBe(
        'lists:seq(1,3).\nbinary:copy(<<$x>>).\nobserver ! busy, timer:sleep(60000).\nregister(of_shell, self()).\n',
      )
    })
  })
})

/** The command line at a pseudo-terminal, which `script` makes. */
class Terminal {
  /** All that has been on the screen. */
  seen = ''
  #mark = 0
  readonly #child: ChildProcess
  readonly #gone: Promise<unknown[]>

  constructor(words: readonly string[], env: Readonly<Record<string, string>>) {
    const line = [process.execPath, cliProgram, ...words].map((word) => `'${word}'`).join(' ')
    this.#child = spawn('script', ['-qefc', line, '/dev/null'], {
      env: { ...process.env, NO_COLOR: '', TERM: 'xterm', ...env },
      stdio: ['pipe', 'pipe', 'ignore'],
    })
    this.#gone = once(this.#child, 'exit')
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.seen += text
    })
  }

  type(keys: string): void {
    this.#child.stdin?.write(keys)
  }

  /** Until `text` has come after what was waited for before. */
  async until(text: string): Promise<void> {
    const seen = async (): Promise<void> => {
      for (;;) {
        const at = this.seen.indexOf(text, this.#mark)
        if (at >= 0) {
          this.#mark = at + text.length
          return
        }
        await Promise.race([once(this.#child.stdout as NodeJS.ReadableStream, 'data'), this.#gone])
      }
    }
    await withDeadline(seen(), `${text} on the screen`).catch((error: Error) => {
      throw new Error(`${error.message}; there is ${JSON.stringify(this.seen)}`)
    })
  }

  async ended(): Promise<unknown> {
    try {
      const [code] = await withDeadline(this.#gone, 'the shell to end')
      return code
    } finally {
      this.#child.kill('SIGKILL')
    }
  }
}
