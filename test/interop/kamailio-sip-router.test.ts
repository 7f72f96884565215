import { readFileSync } from 'node:fs'
import path from 'node:path'
import { atom, type ErlangNode, format, type Term, tuple } from 'beamlink'
import { routeTo, SipRouterModule } from 'beamlink/kamailio'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { ErlNode } from '../helpers/erl-node.js'
import { startBeside } from '../helpers/local-node.js'
import { uniqueAlive } from '../helpers/names.js'
import { Arrivals } from '../helpers/waiting.js'

const fake = path.join(__dirname, '../helpers/kamailio/sip_router_module.erl')

describe("scripts of the older module's functions", () => {
  let erl: ErlNode
  let node: ErlangNode
  let scripts: SipRouterModule

  beforeAll(async () => {
    erl = await ErlNode.start({
      name: `${uniqueAlive('conn')}@localhost`,
      shortNames: true,
      hidden: true,
    })
    await erl.load(readFileSync(fake, 'utf8'))
    node = await startBeside(erl, { name: `${uniqueAlive('test')}@localhost` })
  })
  afterAll(async () => {
    await node?.stop()
    await erl?.stop()
  })
  beforeEach(() => {
    scripts = new SipRouterModule(node, erl.name)
  })
  afterEach(() => scripts.close())

  const run = (name: string, ...args: string[]) =>
    erl.eval(`sip_router_module:${name}('${node.name}', ${args.join(', ')})`)

  it('refuses handlers and routes that are none', () => {
    expect(() => scripts.serve('echo_server', { calls: () => 1 } as object)).toThrow('did you mean')
    expect(() => scripts.serve('echo_server', { call: 1 } as object)).toThrow(
      'handlers.call must be',
    )
    expect(() => routeTo('', 1)).toThrow('route must be a string that is not empty')
  })

  it('erlang_call: answers with an error where a handler throws, and lives on', async () => {
    const failures = new Arrivals<unknown>()
    scripts.serve('echo_server', {
      call: () => {
        throw new Error('no such table')
      },
      failed: failures.push,
    })
    expect(await run('call', 'echo_server', 'x')).toBe('{1,"{error,\\"Error: no such table\\"}"}')
    expect(String(await failures.next())).toBe('Error: no such table')
    expect(await run('call', 'echo_server', 'x')).toContain('no such table')
    expect(scripts.stats).toMatchObject({ calls: 2, failed: 2 })
  })

  it('counts what is none of its messages, and hands it over', async () => {
    const strange = new Arrivals<Term>()
    scripts.serve('echo_server', { malformed: strange.push })
    await erl.eval(`{echo_server, '${node.name}'} ! hello`)
    expect(format(await strange.next())).toBe('hello')
    expect(scripts.stats.malformed).toBe(1)
  })

  it('erlang_call: echoes, text as text', async () => {
    scripts.serve('echo_server', { call: (request) => request })
    expect(await run('call', 'echo_server', '{test, "a text", [1,2], 1.5}')).toBe(
      '{1,"{test,\\"a text\\",[1,2],1.5}"}',
    )
    scripts.close()
    scripts.serve('echo_server', { call: () => tuple(atom('ok'), 'a text') })
    expect(await run('call', 'echo_server', 'x')).toBe('{1,"{ok,\\"a text\\"}"}')
  })

  it('erlang_call_route: sends the script to the route that is chosen', async () => {
    scripts.serve('router', { call: () => routeTo('approved', tuple('sip:bob@10.0.0.2', 5060)) })
    expect(await run('call_route', 'router', '"sip:alice"')).toBe(
      '{0,approved,"{\\"sip:bob@10.0.0.2\\",5060}"}',
    )
  })

  it('erlang_call_route: reaches route[error] where a handler throws', async () => {
    scripts.serve('router', {
      call: async () => {
        throw new Error('down')
      },
    })
    expect(await run('call_route', 'router', 'x')).toBe('{0,error,"\\"Error: down\\""}')
  })

  it('erlang_cast and erlang_info: reach their handlers', async () => {
    const arrived = new Arrivals<string>()
    scripts.serve('log', {
      cast: (request) => arrived.push(`cast ${format(request)}`),
      info: (message, worker) => arrived.push(`info ${format(message)} ${worker.node.name}`),
    })
    expect(await run('cast', 'log', '{invite, "sip:bob"}')).toBe('1')
    expect(await arrived.next()).toBe('cast {invite,"sip:bob"}')
    expect(await run('info', 'log', '{bye, 7}')).toBe('1')
    expect(await arrived.next()).toBe(`info {bye,7} ${erl.name}`)
  })

  it('erlang_rex: calls exposed functions, text as text', async () => {
    node.expose('billing', {
      rate: (user) => tuple(atom('ok'), user as Term, 'cents', 42),
      fails: () => {
        throw new Error('boom')
      },
    })
    expect(await run('rex', 'billing', 'rate', '["alice"]')).toBe(
      '{1,"{ok,\\"alice\\",\\"cents\\",42}"}',
    )
    expect(await run('rex', 'billing', 'fails', '[]')).toContain(
      '{js_error,\\"Error\\",\\"boom\\"}',
    )
    expect(await run('rex', 'billing', 'nothing', '[]')).toContain('undef')
  })
})
