import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { atom, type TracedFrame, tuple } from 'beamlink'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Epmd } from '../helpers/epmd.js'
import { testCookie } from '../helpers/erl-node.js'
import { type JoinedNodes, joinedNodes, startAlone } from '../helpers/joined-nodes.js'
import { startBeside } from '../helpers/local-node.js'
import { uniqueName } from '../helpers/names.js'
import { Service } from '../helpers/service.js'
import { Arrivals, until } from '../helpers/waiting.js'

let pair: JoinedNodes
beforeAll(async () => {
  pair = await joinedNodes()
})
afterAll(() => pair.stop())

/** What a frame has while it is shown. */
function read(frame: TracedFrame) {
  const { direction, operation, peer, fields, payload } = frame
  return { direction, operation, peer, fields: Object.keys(fields), payload, line: String(frame) }
}

describe('node.trace', () => {
  it('refuses what is no function', () => {
    expect(() => pair.here.trace('x' as never)).toThrow('listener must be a function')
  })

  it('shows each frame, out and in, until it is told to stop', async () => {
    const frames = new Arrivals<ReturnType<typeof read>>()
    const untrace = pair.here.trace((frame) => frames.push(read(frame)))
    pair.there.expose('maths', { double: (x) => (x as number) * 2 })
    await pair.here.rpc(pair.there.name, 'maths', 'double', [21])
    const request = await frames.next()
    expect(request).toMatchObject({
      direction: 'out',
      operation: 'SPAWN_REQUEST',
      peer: pair.there.name,
      fields: ['id', 'from', 'leader', 'mfa', 'options'],
    })
    expect(request.line).toMatch(/mfa=\{erpc,execute_call,4\} .* : \[.*,maths,double,\[21\]\]$/)
    expect(await frames.next()).toMatchObject({ direction: 'in', operation: 'SPAWN_REPLY' })
    const answer = await frames.next()
    expect(answer).toMatchObject({ direction: 'in', operation: 'MONITOR_P_EXIT' })
    expect(answer.line).toMatch(/ : \{#Ref<.*>,return,42\}$/)
    untrace()
    await pair.here.rpc(pair.there.name, 'maths', 'double', [21])
    expect(frames.waiting).toBe(0)
  })

  it('shows what goes out as the peer reads it, cut to its length', async () => {
    const lines: string[] = []
    const untrace = pair.here.trace((frame) => {
      lines.push(frame.toString({ maxLength: 200 }), frame.toString({ terms: false }))
    })
    const message = { note: 'x'.repeat(1_000), token: 'abc' }
    await pair.here.send({ name: 'nobody', node: pair.there.name }, message)
    untrace()
    expect(lines[0]).toMatch(/ : #\{<<"note">> => <<"x+\.\.\. \(\d+ more\)$/)
    expect(lines[1]).toMatch(/ REG_SEND from=<.*> to=nobody$/)
  })

  it('never shows a cookie, under whatever key it stands', async () => {
    const shown: string[] = []
    const untrace = pair.here.trace((frame) => shown.push(String(frame)))
    pair.here.setCookie('other@127.0.0.1', 'for_another')
    const to = { name: 'nobody', node: pair.there.name }
    await pair.here.send(to, tuple(atom(testCookie), `as ${testCookie} text`, 'for_another'))
    untrace()
    expect(shown.join()).toContain('{\'***\',<<"as *** text">>,<<"***">>}')
  })

  it('goes on when a listener throws, which is no event’s business', async () => {
    const thrown = until<[Error]>(process, 'uncaughtExceptionMonitor').catch(() => undefined)
    const seen = new Arrivals<string>()
    const listeners = process.rawListeners('uncaughtException')
    process.removeAllListeners('uncaughtException')
    const caught = until<[Error]>(process, 'uncaughtException')
    const stops = [
      pair.there.trace(() => {
        throw new Error('a bad listener')
      }),
      pair.there.trace(({ operation }) => seen.push(operation)),
    ]
    await pair.here.send({ name: 'nobody', node: pair.there.name }, 1)
    expect(await seen.next()).toBe('REG_SEND')
    expect((await caught)[0].message).toBe('a bad listener')
    await thrown
    for (const stop of stops) stop()
    for (const listener of listeners) process.on('uncaughtException', listener as never)
  })
})

describe('BEAMLINK_TRACE', () => {
  let epmd: Epmd
  let folder: string
  beforeAll(async () => {
    epmd = await Epmd.start()
    folder = mkdtempSync(path.join(tmpdir(), 'beamlink-trace-'))
  })
  afterAll(async () => {
    await epmd.stop()
    rmSync(folder, { recursive: true })
  })

  /** What a node says that runs with `env` and is called once with a secret. */
  async function traced(env: Record<string, string>): Promise<string> {
    const service = await Service.start({ name: uniqueName('traced'), epmd: epmd.port, env })
    const node = await startBeside({ cookie: testCookie, epmdPort: epmd.port })
    await node.rpc(service.name, 'service', 'echo', [{ password: 'hunter2', pin: 'p1234', n: 7 }])
    await node.stop()
    return (await service.stop()).output
  }

  it('prints terms to stderr, without secrets', async () => {
    const output = await traced({ BEAMLINK_TRACE: 'terms' })
    expect(output).toMatch(/^\d{4}-.*Z traced.* <- js.*#\d+ SPAWN_REQUEST id=#Ref<.*echo/m)
    expect(output).toMatch(/-> js.* MONITOR_P_EXIT .*return,#\{.*<<"password">> => '\*\*\*'/m)
    expect(output).toContain('<<"p1234">>')
    expect(output).not.toContain('hunter2')
    expect(output).not.toContain(testCookie)
  })

  it('writes frames alone to a file, and knows more secrets', async () => {
    const file = path.join(folder, 'terms')
    const env = { BEAMLINK_TRACE_FILE: file, BEAMLINK_TRACE_SECRETS: 'pin, other' }
    const output = await traced({ BEAMLINK_TRACE: 'terms', ...env })
    expect(output.trim()).toBe('ready')
    expect(readFileSync(file, 'utf8')).toMatch(/SPAWN_REQUEST .* : .*<<"pin">> => '\*\*\*'/)
    const other = path.join(folder, 'frames')
    await traced({ BEAMLINK_TRACE: 'frames', BEAMLINK_TRACE_FILE: other })
    expect(readFileSync(other, 'utf8')).not.toContain(' : ')
  })

  it('goes on with a full disk', async () => {
    const output = await traced({ BEAMLINK_TRACE: 'terms', BEAMLINK_TRACE_FILE: '/dev/full' })
    expect(output).toMatch(/BEAMLINK_TRACE.*\/dev\/full.*ENOSPC/)
  })

  it('refuses to start a node when it cannot be understood', async () => {
    process.env.BEAMLINK_TRACE = 'all'
    try {
      await expect(startAlone()).rejects.toThrow(/BEAMLINK_TRACE must be terms or frames/)
    } finally {
      delete process.env.BEAMLINK_TRACE
    }
  })
})
