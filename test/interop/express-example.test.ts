import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { atom, ErlangNode, elixir, type TermMap, tuple } from 'beamlink'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Epmd } from '../helpers/epmd.js'
import { output } from '../helpers/package/command.js'
import { commandsOf } from '../helpers/page.js'
import { Program } from '../helpers/program.js'
import { root } from '../helpers/rings.js'

const folder = path.join(root, 'examples/express')
const readme = readFileSync(path.join(folder, 'README.md'), 'utf8')
const shop = 'shop@127.0.0.1'
const stock = elixir('Shop.Stock')

describe('the example of an Express service', () => {
  let epmd: Epmd
  let shopProgram: Program
  let web: Program
  let tester: ErlangNode
  let url = ''
  /** Where its compiled form finds the package and its dependencies. */
  const built = path.join(root, '.cache/example-express')

  beforeAll(async () => {
    epmd = await Epmd.start()
    const compiler = path.join(root, 'node_modules/typescript/bin/tsc')
    execFileSync(process.execPath, [compiler, '-p', folder, '--outDir', built])
    await startShop()
    // On a busy machine a GenServer takes long to say what it crashed of.
    const own = { ...env(), PORT: '0', TIMEOUT_MS: '3000' }
    web = new Program(process.execPath, [path.join(built, 'main.mjs')], own)
    url = (await web.until(/web@127\.0\.0\.1 serves (http:\S+)/))[1] ?? ''
    tester = await ErlangNode.start({
      name: 'tester@127.0.0.1',
      cookie: 'secret',
      epmd: { host: '127.0.0.1', port: epmd.port },
    })
  }, 120_000)
  afterAll(async () => {
    await tester?.stop()
    await web?.kill()
    await shopProgram?.kill()
    await epmd?.stop()
  })

  const env = () => ({ ERL_EPMD_PORT: String(epmd.port) })
  const startShop = async () => {
    const words = ['--name', shop, '--cookie', 'secret', '--no-halt', 'stock.exs']
    shopProgram = new Program('elixir', words, env(), folder)
    await shopProgram.until(/has a stock/, 30_000)
  }
  const take = (count: unknown) =>
    fetch(`${url}/items/milk/take`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ count }),
    })
  /** The events from now on; gone when the test is. */
  const changes = async () => {
    const response = await fetch(`${url}/changes`)
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
    return async () => (await reader?.read())?.value ?? 'the end'
  }

  it('does what its README shows', async () => {
    const steps = commandsOf(readme)
    expect(steps.length).toBeGreaterThan(3)
    for (const { command, output: shown } of steps) {
      const line = command.replace('curl', 'curl -s').replace('http://127.0.0.1:3000', url)
      expect(await output('sh', ['-c', line])).toBe(shown)
    }
  })

  it('is short enough to be read', () => {
    expect(readme.split('\n').length).toBeLessThanOrEqual(61)
  })

  it('refuses what is no order, and what the GenServer refuses', async () => {
    expect((await take('all')).status).toBe(400)
    const soldOut = await take(7)
    expect(soldOut.status).toBe(409)
    expect(await soldOut.json()).toEqual({ error: 'sold_out' })
  })

  it('shows the changes that Elixir pushes, whoever makes them', async () => {
    const next = await changes()
    await tester.call({ name: stock, node: shop }, tuple(atom('take'), 'milk', 1))
    expect(await next()).toBe('data: {"sku":"milk","name":"Oat milk","count":1}\n\n')
    await take(1)
    expect(await next()).toContain('"count":0')
  })

  it('answers 503 when the GenServer is slow, and 502 when it crashes', async () => {
    await tester.rpc(shop, 'sys', 'suspend', [stock])
    const slow = await fetch(`${url}/items/tea`)
    expect(slow.status).toBe(503)
    expect(slow.headers.get('retry-after')).toBe('1')
    expect(await slow.json()).toEqual({ error: 'ERR_ERL_TIMEOUT' })
    await tester.rpc(shop, 'sys', 'replace_state', [stock, await stateless()])
    await tester.rpc(shop, 'sys', 'resume', [stock])
    const crashed = await fetch(`${url}/items/tea`)
    expect(crashed.status).toBe(502)
    expect(await crashed.json()).toEqual({ error: 'ERR_ERL_REMOTE' })
  })

  it('is unhealthy without its GenServer, and sees the one that is started anew', async () => {
    const gone = await fetch(`${url}/items/tea`)
    expect(gone.status).toBe(503)
    expect(await gone.json()).toEqual({ error: 'ERR_ERL_NOPROC' })
    await shopProgram.kill()
    const health = await fetch(`${url}/health`)
    expect(health.status).toBe(503)
    expect(await health.json()).toEqual({ node: 'web@127.0.0.1', stock: 'down' })
    expect((await fetch(`${url}/items/tea`)).status).toBe(503)
    await startShop()
    const next = await changes()
    // It asks to be told again by itself: until it has, a change is seen by nobody.
    await watched()
    await take(2)
    expect(await next()).toContain('"sku":"milk"')
    expect((await fetch(`${url}/health`)).status).toBe(200)
  })

  it('ends readers and itself when it is told to', async () => {
    const next = await changes()
    expect(await web.ended('SIGTERM')).toBe(0)
    expect(await next()).toBe('the end')
    expect(web.printed).toContain('stopped')
    expect(await tester.ping('web@127.0.0.1')).toBe(false)
  })

  /** A function of Erlang's that makes any state one that the GenServer crashes of. */
  const stateless = async () => {
    const scanned = await tester.rpc(shop, 'erl_scan', 'string', [tokens('fun(_) -> gone end.')])
    const parsed = await tester.rpc(shop, 'erl_parse', 'parse_exprs', [at(scanned, 1)])
    const value = await tester.rpc(shop, 'erl_eval', 'exprs', [at(parsed, 1), []])
    return at(value, 1)
  }

  const watched = async () => {
    for (;;) {
      const state = (await tester.rpc(shop, 'sys', 'get_state', [stock])) as TermMap
      if ((state.get(atom('watchers')) as TermMap).size > 0) return
    }
  }
})

const tokens = (text: string) => Array.from(text, (letter) => letter.charCodeAt(0))
const at = (term: unknown, index: number) => (term as never[])[index] as never
