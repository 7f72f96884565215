import { type ChildProcess, spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ErlNode } from '../helpers/erl-node.js'
import { Arrivals, withDeadline } from '../helpers/waiting.js'

const folder = path.resolve(__dirname, '../../examples/tasks')
const node = `'jobs@127.0.0.1'`

describe('the example of the guide on tasks', () => {
  const printed = new Arrivals<string>()
  let erl: ErlNode
  let example: ChildProcess
  let ownFolder: string
  let port: number

  beforeAll(async () => {
    erl = await ErlNode.start({ cookie: 'secret' })
    // As it is, but for the port, which others of this machine may have.
    port = await freeUdpPort()
    ownFolder = mkdtempSync(path.join(tmpdir(), 'tasks-'))
    const tasks = readFileSync(path.join(folder, 'tasks.json'), 'utf8')
    const file = path.join(ownFolder, 'tasks.json')
    writeFileSync(file, tasks.replace(':5099', `:${port}`).replaceAll('./jobs', `${folder}/jobs`))
    example = spawn(process.execPath, [path.join(folder, 'main.mjs'), file], {
      env: { ...process.env, ERL_EPMD_PORT: String(erl.epmdPort) },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    if (example.stdout) createInterface({ input: example.stdout }).on('line', printed.push)
    await line(/^jobs@127\.0\.0\.1 runs evrexec:timer, evrexec:test, primes, datagram, hourly$/)
  })
  afterAll(async () => {
    example?.kill('SIGKILL')
    await erl?.stop()
    if (ownFolder !== undefined) rmSync(ownFolder, { recursive: true })
  })

  const line = async (pattern: RegExp) => {
    for (;;) {
      const next = await printed.next(String(pattern))
      if (pattern.test(next)) return next
    }
  }
  const rpc = (name: string, args: string) =>
    erl.eval(`rpc:call(${node}, evrexec, ${name}, ${args})`)

  it('counts in two workers', async () => {
    await line(/^info evrexec:timer: worker 0: \$x is 1$/)
    await line(/^info evrexec:timer: worker 1: \$x is 2$/)
  })

  it('is listed and run from the shell of Erlang', async () => {
    const names = `[binary_to_list(maps:get(name, T)) || T <- rpc:call(${node}, evrexec, list, [])]`
    expect(await erl.eval(names)).toBe(
      '["evrexec:timer","evrexec:test","primes","datagram","hourly"]',
    )
    expect(await rpc('run', '["evrexec:test", "mydata"]')).toBe('ok')
    await line(/^info evrexec:test: rpc command data: mydata$/)
    expect(await rpc('run', '["primes", "1000"]')).toBe('168')
  })

  it('does in a shell what the guide shows', async () => {
    const guide = readFileSync(path.resolve(folder, '../../docs/tasks.md'), 'utf8')
    const [, session = ''] = /^```console\n(.*?)^```$/ms.exec(guide) ?? []
    const shell = spawn('erl', ['-name', 'shop@127.0.0.1', '-setcookie', 'secret'], {
      env: { ...process.env, ERL_EPMD_PORT: String(erl.epmdPort) },
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    let shown = ''
    const prompts = new Arrivals<number>()
    shell.stdout.on('data', (bytes: Buffer) => {
      shown += bytes.toString()
      for (const [prompt, number] of shown.matchAll(/^\(shop@127\.0\.0\.1\)(\d+)> $/gm)) {
        shown = shown.replace(prompt, `\n${prompt.trim()}\n`)
        prompts.push(Number(number))
      }
    })
    const lines = session.split('\n')
    const typed = lines.flatMap((one) => /^\([^)]+\)\d+> (.*)$/.exec(one)?.[1] ?? [])
    const answers = lines.filter((one) => one !== '' && !one.startsWith('('))
    expect(typed).toHaveLength(3)
    await prompts.next('the first prompt', 20_000)
    for (const one of typed) {
      shell.stdin.write(`${one}\n`)
      await prompts.next(`the shell to do ${one}`, 20_000)
    }
    const gone = once(shell, 'exit')
    shell.kill('SIGKILL')
    await gone
    const squeezed = shown.replace(/\s+/g, '')
    for (const answer of answers) expect(squeezed).toContain(answer.replace(/\s+/g, ''))
  })

  it('hears datagrams', async () => {
    const socket = createSocket('udp4')
    socket.send('hello', port, '127.0.0.1')
    await line(/^info datagram: hello from 127\.0\.0\.1:\d+$/)
    socket.close()
  })

  it('ends at Ctrl-C', async () => {
    const ended = once(example, 'exit')
    example.kill('SIGINT')
    expect((await withDeadline(ended, 'the example to end'))[0]).toBe(0)
    await line(/^stopped$/)
  })
})

async function freeUdpPort(): Promise<number> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1')
  await once(socket, 'listening')
  const { port } = socket.address()
  socket.close()
  return port
}
