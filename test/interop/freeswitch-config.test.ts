import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type StartOptions, startEventHost } from 'beamlink/freeswitch'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ErlNode, testCookie } from '../helpers/erl-node.js'
import { deferred } from '../helpers/waiting.js'

describe('an event host with a configuration', () => {
  let erl: ErlNode
  let folder: string
  let node: NonNullable<StartOptions['node']>

  beforeAll(async () => {
    erl = await ErlNode.start()
    node = { epmd: { port: erl.epmdPort } }
    folder = mkdtempSync(path.join(tmpdir(), 'beamlink-'))
  })
  afterAll(async () => {
    await erl.stop()
    rmSync(folder, { recursive: true })
  })

  const write = (name: string, text: string): string => {
    const file = path.join(folder, name)
    writeFileSync(file, text)
    chmodSync(file, 0o400)
    return file
  }
  const conf = (...params: [string, string][]): string =>
    `<configuration name="erlang_event.conf"><settings>${params
      .map(([name, value]) => `<param name="${name}" value="${value}"/>`)
      .join('')}</settings></configuration>`

  it('is refused for a file that is not there, and for options that are wrong', async () => {
    await expect(startEventHost(path.join(folder, 'nothing.xml'))).rejects.toMatchObject({
      code: 'ENOENT',
    })
    await expect(startEventHost(5 as never)).rejects.toThrow(/source must be/)
    await expect(startEventHost({ nodname: 'x' } as never)).rejects.toThrow(
      /did you mean "nodename"/,
    )
    await expect(startEventHost({ applyInboundAcl: 'lan' })).rejects.toThrow(/applyInboundAcl/)
    await expect(startEventHost({ cookieFile: folder })).rejects.toThrow(/cookieFile/)
  })

  it('starts from a file, and tells what is wrong in it', async () => {
    const cookieFile = write('cookie', `${testCookie}\n`)
    const file = write(
      'erlang_event.conf.xml',
      conf(
        ['listen-ip', '127.0.0.1'],
        ['nodename', 'switch1@127.0.0.1'],
        ['cookie-file', cookieFile],
        ['encoding', 'BINARY'],
        ['compat-rel', '3'],
        ['apply-inbound-acl', 'loopback.auto'],
      ),
    )
    const told: string[] = []
    const started = await startEventHost(file, {
      listenPort: 0,
      node,
      warn: (text) => told.push(text),
    })
    try {
      expect(started.warnings).toEqual(['compat-rel must be an integer from 7 to 1000, got "3"'])
      expect(told).toEqual(started.warnings)
      expect(started.node.name).toBe('switch1@127.0.0.1')
      started.host.api('echo', (args) => args)
      expect(await erl.eval(ask('{api, echo, "x"}', started.node.name))).toBe('{ok,<<"x">>}')
    } finally {
      await started.node.stop()
    }
  })

  it.each([
    ['close', 'pang', 1],
    ['answer', 'pong', 0],
  ] as const)('keeps out by "%s" when an ACL is named that nobody has', async (...row) => {
    const [whenDenied, ping, refused] = row
    const file = write('acl.xml', conf(['apply-inbound-acl', 'lan'], ['cookie', testCookie]))
    const started = await startEventHost(file, {
      listenIp: '127.0.0.1',
      listenPort: 0,
      nodename: `switch2${whenDenied}@127.0.0.1`,
      whenDenied,
      node,
    })
    try {
      expect(started.warnings).toEqual([expect.stringContaining('all are denied')])
      expect(await erl.eval(`net_adm:ping('${started.node.name}')`)).toBe(ping)
      expect(started.node.stats().drops.refused).toBe(refused)
      if (ping === 'pang') return
      expect(await erl.eval(ask('getpid', started.node.name))).toBe('{error,acldeny}')
    } finally {
      await started.node.stop()
    }
  })

  it('lets in whom both its ACL and the allow option of its node admit', async () => {
    const start = (allow: string[], applyInboundAcl: string) =>
      startEventHost({
        cookie: testCookie,
        listenIp: '127.0.0.1',
        listenPort: 0,
        nodename: `switch3@127.0.0.1`,
        applyInboundAcl,
        node: { ...node, allow },
      })
    for (const [allow, list, ping] of [
      [['nobody@*'], 'loopback.auto', 'pang'],
      [['*@127.0.0.1'], 'rfc1918.auto', 'pang'],
      [['*@127.0.0.1'], 'loopback.auto', 'pong'],
    ] as const) {
      const started = await start([...allow], list)
      try {
        expect(await erl.eval(`net_adm:ping('${started.node.name}')`)).toBe(ping)
      } finally {
        await started.node.stop()
      }
    }
  })

  it('is called as its address is, or as this machine, up to the first dot', async () => {
    const own = { cookie: testCookie, listenPort: 0, node }
    const local = await startEventHost({ ...own, listenIp: '127.0.0.1', nodename: 'fs2' })
    const everywhere = await startEventHost({ ...own, nodename: 'fs3' })
    try {
      expect(local.node.name).toMatch(/^fs2@[^.@]+$/)
      expect(everywhere.node.name).toMatch(/^fs3@[^.@]+$/)
    } finally {
      await local.node.stop()
      await everywhere.node.stop()
    }
  })

  it('waits for its port, unless that is to be an error', async () => {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const own = {
      cookie: testCookie,
      listenIp: '127.0.0.1',
      listenPort: port,
      nodename: 'switch3@127.0.0.1',
      node,
    }
    await expect(startEventHost({ ...own, stopOnBindError: true })).rejects.toThrow(/cannot listen/)
    const aborted = new AbortController()
    const reason = new Error('enough')
    const given = startEventHost({
      ...own,
      signal: aborted.signal,
      warn: () => aborted.abort(reason),
    })
    await expect(given).rejects.toBe(reason)
    const told = deferred<string>()
    const starting = startEventHost({ ...own, warn: told.resolve })
    expect(await told.promise).toMatch(/tried again every 100 ms/)
    await new Promise((resolve) => server.close(resolve))
    const started = await starting
    expect(started.node.address?.port).toBe(port)
    await started.node.stop()
  })
})

function ask(message: string, host: string): string {
  return `{foo, '${host}'} ! ${message}, receive Any -> Any after 3000 -> timeout end`
}
