import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Epmd } from '../helpers/epmd.js'
import { noKamailio, sipsak } from '../helpers/kamailio/sip-proxy.js'
import { SipSocket } from '../helpers/kamailio/sip-socket.js'
import { Arrivals } from '../helpers/waiting.js'

const hasSipp = spawnSync('sh', ['-c', 'command -v sipp']).status === 0
const folder = path.resolve(__dirname, '../../examples/kamailio')

describe.skipIf(noKamailio !== undefined)(`the example of the guide ${noKamailio ?? ''}`, () => {
  const children: ChildProcess[] = []
  const printed = new Arrivals<string>()
  let epmd: Epmd
  let phone: SipSocket
  let home: string
  let port: number
  let bobPort: number

  beforeAll(async () => {
    epmd = await Epmd.start()
    phone = await SipSocket.open()
    const spare = await Promise.all([SipSocket.open(), SipSocket.open()])
    ;[port, bobPort] = [spare[0].port, spare[1].port]
    for (const socket of spare) await socket.close()
    home = mkdtempSync(path.join(tmpdir(), 'kamailio-'))
    const env = { ...process.env, ERL_EPMD_PORT: String(epmd.port) }
    const service = spawn(process.execPath, ['service.mjs', String(epmd.port), String(bobPort)], {
      cwd: folder,
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    children.push(service)
    createInterface({ input: service.stdout }).on('line', printed.push)
    expect(await printed.next('the service')).toBe('router@127.0.0.1 waits for Kamailio')
    const places = ['-w', home, '-Y', home, '-P', path.join(home, 'pid')]
    const proxy = spawn(
      'kamailio',
      ['-f', path.join(folder, 'kamailio.cfg'), '-A', `SIP_PORT=${port}`, '-DD', '-E', ...places],
      { env, stdio: 'ignore', detached: true },
    )
    children.push(proxy)
    expect(await printed.next('Kamailio', 20_000)).toBe('proxy@127.0.0.1 is connected')
  })
  afterAll(async () => {
    for (const child of children.reverse()) {
      if (child.exitCode !== null) continue
      const gone = once(child, 'exit')
      child.kill('SIGTERM')
      await gone
    }
    await phone?.close()
    await epmd?.stop()
    if (home !== undefined) rmSync(home, { recursive: true, force: true })
  })

  it('rejects a call to somebody whom it does not know', async () => {
    expect((await phone.request(port, 'INVITE', 'nobody')).line).toBe('SIP/2.0 404 Not Found')
  })

  it.skipIf(!hasSipp)(
    'routes calls of sipp from INVITE to BYE, and accounts each once',
    async () => {
      const calls = 50
      const start = (args: readonly string[]) => {
        const options = ['-i', '127.0.0.1', '-nostdin', ...args]
        return spawn('sipp', options, { cwd: home, stdio: 'ignore' })
      }
      const bob = start(['-sn', 'uas', '-p', String(bobPort)])
      children.push(bob)
      const rate = ['-m', String(calls), '-r', '200', '-timeout', '20']
      const [code] = await once(
        start(['-sn', 'uac', '-s', 'bob', ...rate, `127.0.0.1:${port}`]),
        'exit',
      )
      expect(code).toBe(0)
      const ended = new Set<string>()
      for (let i = 0; i < calls; i++) ended.add(await printed.next('a call to be accounted'))
      expect(ended.size).toBe(calls)
    },
  )

  it('answers sipsak', async () => {
    expect((await sipsak(port, 'anyone')).output).toContain('200 Node is here')
  })

  it('challenges who registers', async () => {
    const { line } = await phone.request(port, 'REGISTER', 'alice')
    expect(line).toBe('SIP/2.0 401 Unauthorized')
  })
})
