import { execFile, execFileSync } from 'node:child_process'
import path from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ErlNode } from '../../helpers/erl-node.js'

const run = promisify(execFile)
const root = path.join(__dirname, '../../..')

/** What a command line says and ends with, its output going where the shell is told. */
async function shell(text: string, env: Readonly<Record<string, string>> = {}) {
  return run('sh', ['-c', text], { cwd: root, env: { ...process.env, ...env } }).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    ({ code, stdout, stderr }) => ({ code, stdout, stderr }),
  )
}

describe('the command line, where its output finds no room', () => {
  let erl: ErlNode
  beforeAll(async () => {
    erl = await ErlNode.start()
  })
  afterAll(() => erl.stop())

  const command = () =>
    `"${process.execPath}" dist/cli/main.js eval --cookie ${erl.cookie} ${erl.name} 'lists:seq(1, 1000).'`
  const env = () => ({ ERL_EPMD_PORT: String(erl.epmdPort) })

  it('says so and ends with the code for faults of this machine', async () => {
    expect(await shell(`${command()} > /dev/full`, env())).toEqual({
      code: 5,
      stdout: '',
      stderr: expect.stringMatching(/^beamlink: cannot write the output: ENOSPC/),
    })
  })

  it('ends so, too, where nothing can be said', async () => {
    expect(await shell(`${command()} > /dev/full 2> /dev/full`, env())).toEqual({
      code: 5,
      stdout: '',
      stderr: '',
    })
  })

  it('is content when whoever reads has read enough', async () => {
    expect(await shell(`${command()} | true`, env())).toMatchObject({ code: 0, stderr: '' })
  })
})

/** Why no disk can be filled here. */
function mountTrouble(): string | undefined {
  try {
    execFileSync('unshare', ['-m', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt'], { stdio: 'pipe' })
    return undefined
  } catch (error) {
    return `a disk of a test's own needs root: ${String(error).split('\n')[0]}`
  }
}
const trouble = mountTrouble()
if (trouble !== undefined) process.stderr.write(`skipped: full disks: ${trouble}\n`)

describe.skipIf(trouble !== undefined)('a cookie file on a full disk', () => {
  it('is not made, which is told; when there is room the next start makes it', async () => {
    const program = `
      const { ErlangNode } = require('beamlink')
      const { rmSync, statSync } = require('node:fs')
      const options = { name: 'a@127.0.0.1', epmd: 'none', listen: false }
      ErlangNode.start(options)
        .then(() => undefined, ({ code, message }) => {
          console.log(code, message)
          rmSync(process.env.HOME + '/filler')
          return ErlangNode.start(options)
        })
        .then((node) => node.stop())
        .then(() => console.log(statSync(process.env.HOME + '/.erlang.cookie').size))`
    const { stdout } = await run(
      'unshare',
      [
        '-m',
        'sh',
        '-c',
        `mount -t tmpfs -o size=64k tmpfs /mnt && export HOME=/mnt
       dd if=/dev/zero of=/mnt/filler 2>/dev/null; "$0" -e "$1"`,
        process.execPath,
        program,
      ],
      { cwd: root },
    )
    const [told, size] = stdout.trim().split('\n')
    expect(told).toMatch(
      /^ERR_ERL_AUTH cannot create the cookie file \/mnt\/\.erlang\.cookie: .*ENOSPC.*give the cookie option/,
    )
    expect(size).toBe('20')
  })
})
