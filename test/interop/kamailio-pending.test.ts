import { atom, type ErlangNode, format, type MailboxProcess, tuple } from 'beamlink'
import { Kamailio, KamailioStandIn, SipRouterModule } from 'beamlink/kamailio'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { Epmd } from '../helpers/epmd.js'
import { testCookie } from '../helpers/erl-node.js'
import { startBeside } from '../helpers/local-node.js'
import { withDeadline } from '../helpers/waiting.js'

const forEver = { timeoutMs: Number.POSITIVE_INFINITY }
/** What a promise rejects with. */
const reasonOf = (promise: Promise<unknown>) =>
  withDeadline(
    promise.then(
      (value) => value,
      (error) => error,
    ),
    'an end',
    3_000,
  )

describe('what waits for a Kamailio', () => {
  let epmd: Epmd
  let node: ErlangNode
  /** Takes every request and answers none. */
  let silent: ErlangNode
  let kamailio: Kamailio

  beforeAll(async () => {
    epmd = await Epmd.start()
    node = await startBeside({ cookie: testCookie, epmdPort: epmd.port })
  })
  afterAll(async () => {
    await node?.stop()
    await epmd?.stop()
  })
  beforeEach(async () => {
    silent = await startBeside({ cookie: testCookie, epmdPort: epmd.port })
    silent.unregister('rex')
    silent.register('rex', () => undefined)
    silent.register('route', () => undefined)
    kamailio = new Kamailio(node, silent.name)
  })
  afterEach(async () => {
    kamailio.close()
    await silent.stop()
  })

  it('is told when it is closed, those behind the first as well', async () => {
    const calls = [1, 2, 3].map(() => kamailio.rpc('core.version', [], forEver))
    const all = Promise.all(calls.map(reasonOf))
    kamailio.close()
    const closed = { code: 'ERR_ERL_CLOSED' }
    expect(await all).toMatchObject([closed, closed, closed])
  })

  it('is told when it waits for the reply of a route', async () => {
    const asked = reasonOf(kamailio.ask('route', 1, forEver))
    await node.ping(silent.name)
    kamailio.close()
    expect(await asked).toMatchObject({ code: 'ERR_ERL_CLOSED' })
  })

  it('is told when the connection ends', async () => {
    await node.ping(silent.name)
    const asked = reasonOf(kamailio.ask('route', 1, forEver))
    const called = reasonOf(kamailio.rpc('core.version', [], forEver))
    await node.ping(silent.name)
    await silent.stop()
    expect(await asked).toMatchObject({ code: 'ERR_ERL_NOCONNECTION' })
    expect(await called).toMatchObject({ code: 'ERR_ERL_NOCONNECTION' })
  })

  it('waits no longer than it wants for its turn', async () => {
    await reasonOf(kamailio.rpc('core.version', [], { timeoutMs: 1 }))
    const late = { code: 'ERR_ERL_TIMEOUT' }
    const limit = { timeoutMs: 10 }
    expect(await reasonOf(kamailio.ask('route', 1, limit))).toMatchObject(late)
    expect(await reasonOf(kamailio.send('route', 1, limit))).toMatchObject(late)
    const signal = AbortSignal.abort(new Error('not any more'))
    await expect(kamailio.ask('route', 1, { ...forEver, signal })).rejects.toThrow('not any more')
  })
})

describe('a Kamailio that cannot be', () => {
  let epmd: Epmd
  let node: ErlangNode
  beforeAll(async () => {
    epmd = await Epmd.start()
    node = await startBeside({ cookie: testCookie, epmdPort: epmd.port })
  })
  afterAll(async () => {
    await node?.stop()
    await epmd?.stop()
  })

  it('leaves the peers to others', () => {
    using first = new Kamailio(node, 'b@127.0.0.1')
    expect(first.stats.calls).toBe(0)
    expect(() => new Kamailio(node, ['a@127.0.0.1', 'b@127.0.0.1'])).toThrow(
      'there is a Kamailio for b@127.0.0.1 at this node already',
    )
    new Kamailio(node, 'a@127.0.0.1').close()
  })

  it('names a peer that is there twice, and a node that is none', () => {
    expect(() => new Kamailio(node, ['a@127.0.0.1', 'a@127.0.0.1'])).toThrow(
      'peers must be different nodes',
    )
    const none = {} as ErlangNode
    const options = { erlangNode: 'a@127.0.0.1' }
    expect(() => new Kamailio(none, 'a@127.0.0.1')).toThrow('node must be an ErlangNode')
    expect(() => new KamailioStandIn(none, options)).toThrow('node must be an ErlangNode')
    expect(() => new SipRouterModule(none, 'a@127.0.0.1')).toThrow('node must be an ErlangNode')
  })
})

describe('values without a form', () => {
  let epmd: Epmd
  let node: ErlangNode
  let other: ErlangNode
  let fake: KamailioStandIn
  beforeAll(async () => {
    epmd = await Epmd.start()
    node = await startBeside({ cookie: testCookie, epmdPort: epmd.port })
    other = await startBeside({ cookie: testCookie, epmdPort: epmd.port })
    fake = new KamailioStandIn(other, { erlangNode: node.name })
  })
  afterAll(async () => {
    await other?.stop()
    await node?.stop()
    await epmd?.stop()
  })

  it('are a fault of a method of the stand-in', async () => {
    using kamailio = new Kamailio(node, other.name)
    fake.method('a.nan', () => ({ value: Number.NaN }))
    await expect(kamailio.rpc('a.nan', [], { timeoutMs: 2_000 })).rejects.toMatchObject({
      faultCode: 500,
      faultText: expect.stringContaining('value[0].value must be text, a finite number'),
    })
  })

  it('are an error in the answer to a script of the older module, which goes on', async () => {
    using module = new SipRouterModule(node, other.name)
    const answers: unknown[] = [() => 1, Symbol('x'), Number.NaN, 'text']
    const server = module.serve('router', { call: (request) => answers[Number(request)] })
    const to = { name: 'router', node: node.name }
    const ask = async (at: number) => format(await other.call(to, at, { timeoutMs: 2_000 }))
    expect(await ask(0)).toContain('error')
    expect(await ask(1)).toContain('error')
    expect(await ask(2)).toContain('error')
    expect(await ask(3)).toBe('"text"')
    expect(server.isAlive).toBe(true)
    expect(module.stats.failed).toBe(3)
    node.expose('odd', { symbol: () => Symbol('x') })
    expect(await rexAnswer(other.spawn(), node.name)).toContain('badrpc')
  })
})

/** As `erlang_rex` does. */
async function rexAnswer(self: MailboxProcess, node: string): Promise<string> {
  const request = tuple(atom('call'), atom('odd'), atom('symbol'), [1], atom('user'))
  await self.send({ name: 'rex', node }, tuple(self.pid, request))
  return format(await self.receive({ timeoutMs: 2_000 }))
}
