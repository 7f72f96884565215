import { createHash } from 'node:crypto'
import path from 'node:path'
import type { ErlangNode } from 'beamlink'
import { Kamailio, type KamailioEvents, type SipRequest } from 'beamlink/kamailio'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { Epmd } from '../helpers/epmd.js'
import { testCookie } from '../helpers/erl-node.js'
import { noKamailio, SipProxy, sipsak } from '../helpers/kamailio/sip-proxy.js'
import { SipSocket } from '../helpers/kamailio/sip-socket.js'
import { startBeside } from '../helpers/local-node.js'
import { uniqueAlive, uniqueName } from '../helpers/names.js'
import { deferred, until } from '../helpers/waiting.js'

const include = path.resolve(__dirname, '../../examples/kamailio/beamlink.cfg')

const script = `
include_file "${include}"
route[TEST] {
    if ($rU == "extra") {
        $erl_list(beamlink) = "gold";
        $erl_list(beamlink) = "tier";
        $avp(bl_event) = "vip";
    }
    if ($rU == "shapeless") {
        $erl_list(shapeless) = "x";
        erl_rpc("beamlink", "route", "$erl_list(shapeless)", "$erl_xbuff(answer)");
        xlog("L_NOTICE", "shapeless: $rc $erl_xbuff(answer=>format)\\n");
        sl_send_reply("200", "OK");
        exit;
    }
    if ($rU == "forward") t_on_failure("BUSY");
    route(BEAMLINK);
    xlog("L_NOTICE", "default route: $rU action=$avp(bl_action) error=$avp(bl_error) limit=$avp(limit)\\n");
    sl_send_reply("200", "Default");
}
failure_route[BUSY] {
    $avp(bl_event) = "busy";
    route(BEAMLINK);
}
`

describe.skipIf(noKamailio !== undefined)(
  `the router behind a real Kamailio ${noKamailio ?? ''}`,
  () => {
    let epmd: Epmd
    let node: ErlangNode
    let proxy: SipProxy
    let kamailio: Kamailio
    let phone: SipSocket
    let callee: SipSocket
    const nodeName = uniqueName('js')
    const startNode = () =>
      startBeside({ cookie: testCookie, epmdPort: epmd.port }, { name: nodeName })

    beforeAll(async () => {
      epmd = await Epmd.start()
      node = await startNode()
      phone = await SipSocket.open()
      callee = await SipSocket.open()
      proxy = await SipProxy.start({
        epmdPort: epmd.port,
        cookie: testCookie,
        erlangNode: nodeName,
        alive: uniqueAlive('proxy'),
        script,
      })
    })
    afterAll(async () => {
      await proxy?.stop()
      await phone?.close()
      await callee?.close()
      await node?.stop()
      await epmd?.stop()
    })
    beforeEach(() => {
      kamailio = new Kamailio(node, proxy.name)
    })
    afterEach(() => kamailio.close())

    it('goes its default way when nobody handles the event', async () => {
      expect((await sipsak(proxy.port, 'nobody')).output).toContain('200 Default')
      await proxy.printed(/default route: nobody action=proceed/)
    })

    it('goes its default way when a handler throws, and tells', async () => {
      kamailio.on('options', () => {
        throw new Error('no such table')
      })
      const told = until<KamailioEvents['handlerError']>(kamailio.events, 'handlerError')
      expect((await sipsak(proxy.port, 'throws')).output).toContain('200 Default')
      await proxy.printed(/default route: throws action=error error=Error: no such table/)
      const [{ error, request }] = await told
      expect(String(error)).toBe('Error: no such table')
      expect(request.method).toBe('OPTIONS')
      expect(kamailio.stats.failed).toBe(1)
    })

    it('goes its default way within the limit when a handler is slow', async () => {
      const { promise, resolve } = deferred<void>()
      kamailio.on('options', () => promise)
      const begun = performance.now()
      expect((await sipsak(proxy.port, 'slow')).output).toContain('200 Default')
      expect(performance.now() - begun).toBeLessThan(2_000)
      await proxy.printed(/default route: slow action=error error={badrpc, "timeout"}/)
      expect(kamailio.stats.timedOut).toBe(1)
      resolve()
    })

    it('answers a question of another shape, tells and counts it', async () => {
      const told = until(kamailio.events, 'malformed')
      expect((await sipsak(proxy.port, 'shapeless')).code).toBe(0)
      await proxy.printed(/shapeless: 1 {"-", "error", "bl_error", "version 1 is spoken here"}/)
      expect((await told)[0]).toMatchObject({ peer: proxy.name, what: 'version 1 is spoken here' })
      expect(kamailio.stats.malformed).toBe(1)
    })

    it('tells all that Kamailio knows of the request', async () => {
      const seen = deferred<SipRequest>()
      kamailio.on('vip', (request, reply) => {
        seen.resolve(request)
        reply.set('limit', 4242).proceed()
      })
      expect((await sipsak(proxy.port, 'extra')).output).toContain('200 Default')
      expect(await seen.promise).toMatchObject({
        event: 'vip',
        method: 'OPTIONS',
        ruri: expect.stringContaining('sip:extra@127.0.0.1'),
        source: { address: '127.0.0.1', protocol: 'udp' },
        authUser: undefined,
        extra: { tier: 'gold' },
        proxy: proxy.name,
      })
      await proxy.printed(/default route: extra action=proceed error=<null> limit=4242/)
    })

    it('lets Node answer, redirect, reject and drop', async () => {
      kamailio.on('*', async ({ ruri }, reply) => {
        await new Promise(setImmediate)
        if (ruri?.includes('gone') === true) reply.reject(404)
        else if (ruri?.includes('moved') === true) reply.redirect('sip:elsewhere@127.0.0.1')
        else reply.accept(200, 'From Node')
      })
      expect((await sipsak(proxy.port, 'there')).output).toContain('200 From Node')
      expect((await sipsak(proxy.port, 'gone')).output).toContain('404 Not Found')
      const moved = await phone.request(proxy.port, 'INVITE', 'moved')
      expect(moved.line).toBe('SIP/2.0 302 Moved Temporarily')
      expect(moved.header('Contact')).toBe('<sip:elsewhere@127.0.0.1>')
    })

    it('relays where Node says, and reports the final reply', async () => {
      const accounted = deferred<SipRequest>()
      kamailio.on('invite', ({ from, source, userAgent, cseq }, reply) => {
        expect({ from: from.uri, port: source.port, userAgent, cseq }).toEqual({
          from: 'sip:alice@127.0.0.1',
          port: phone.port,
          userAgent: 'beamlink-test',
          cseq: 7,
        })
        reply.relay(`sip:bob@127.0.0.1:${callee.port}`, { account: true })
      })
      kamailio.on('accounting', (request) => accounted.resolve(request))
      const asked = deferred<string>()
      callee.onRequest = ({ line }) => {
        if (line.startsWith('INVITE')) asked.resolve(line)
        return '486 Busy Here'
      }
      expect((await phone.request(proxy.port, 'INVITE', 'bob')).line).toBe('SIP/2.0 486 Busy Here')
      expect(await asked.promise).toBe(`INVITE sip:bob@127.0.0.1:${callee.port} SIP/2.0`)
      expect(await accounted.promise).toMatchObject({
        event: 'accounting',
        method: 'INVITE',
        status: 486,
        reason: 'Busy Here',
        from: { uri: 'sip:alice@127.0.0.1' },
      })
    })

    it('reports a final reply once, though it comes again', async () => {
      const accounted: (number | undefined)[] = []
      const done = deferred<void>()
      kamailio.on('accounting', ({ status }) => {
        accounted.push(status)
        if (status === 486) done.resolve()
      })
      kamailio.on('message', (_request, reply) =>
        reply.relay(`sip:bob@127.0.0.1:${callee.port}`, { account: true }),
      )
      callee.onRequest = () => ['202 Accepted', '202 Accepted', '202 Accepted']
      expect((await phone.request(proxy.port, 'MESSAGE', 'bob')).line).toBe('SIP/2.0 202 Accepted')
      callee.onRequest = () => '486 Busy Here'
      await phone.request(proxy.port, 'MESSAGE', 'bob')
      await done.promise
      expect(accounted).toEqual([202, 486])
    })

    it('sends by another hop, with the address as it was', async () => {
      kamailio.on('message', (_request, reply) =>
        reply.relay('sip:bob@example.org', { via: `sip:127.0.0.1:${callee.port}` }),
      )
      const asked = deferred<string>()
      callee.onRequest = ({ line }) => {
        asked.resolve(line)
        return '202 Accepted'
      }
      expect((await phone.request(proxy.port, 'MESSAGE', 'bob')).line).toBe('SIP/2.0 202 Accepted')
      expect(await asked.promise).toBe('MESSAGE sip:bob@example.org SIP/2.0')
    })

    it('challenges, and lets in who proves the password that Node knows', async () => {
      kamailio.on('register', ({ authUser }, reply) => {
        if (authUser === undefined) reply.challenge('example.org')
        else {
          reply
            .authenticate(authUser, { realm: 'example.org', password: 'secret' })
            .accept(200, 'Welcome')
        }
      })
      const challenged = await phone.request(proxy.port, 'REGISTER', 'alice')
      expect(challenged.line).toBe('SIP/2.0 401 Unauthorized')
      const challenge = challenged.header('WWW-Authenticate') ?? ''
      expect(challenge).toContain('realm="example.org"')
      const answers = (password: string) => [
        `Authorization: ${digest(challenge, 'alice', password, `sip:alice@127.0.0.1:${proxy.port}`)}`,
      ]
      const refused = await phone.request(proxy.port, 'REGISTER', 'alice', answers('wrong'))
      expect(refused.line).toBe('SIP/2.0 401 Unauthorized')
      const welcome = await phone.request(proxy.port, 'REGISTER', 'alice', answers('secret'))
      expect(welcome.line).toBe('SIP/2.0 200 Welcome')
    })

    it('forgets what was decided when it asks once more', async () => {
      const voicemail = await SipSocket.open()
      callee.onRequest = () => '486 Busy Here'
      voicemail.onRequest = () => '202 Accepted'
      const at = (port: number) => `sip:127.0.0.1:${port}`
      kamailio.on('message', (_request, reply) =>
        reply.relay('sip:bob@example.org', { via: at(callee.port) }),
      )
      kamailio.on('busy', (_request, reply) => reply.relay(at(voicemail.port)))
      const { line } = await phone.request(proxy.port, 'MESSAGE', 'forward')
      expect(line).toBe('SIP/2.0 202 Accepted')
      await voicemail.close()
    })

    it('authenticates also when that is said after the decision', async () => {
      kamailio.on('register', (_request, reply) => {
        reply.accept()
        reply.authenticate('alice', { realm: 'example.org', password: 'secret' }).set('a', 1)
      })
      const { line } = await phone.request(proxy.port, 'REGISTER', 'alice')
      expect(line).toBe('SIP/2.0 401 Unauthorized')
    })

    it('challenges for the proxy as well', async () => {
      kamailio.on('invite', (_request, reply) => reply.challenge('example.org'))
      const challenged = await phone.request(proxy.port, 'INVITE', 'bob')
      expect(challenged.line).toBe('SIP/2.0 407 Proxy Authentication Required')
    })

    it('goes on without Node, and with it when it is back', async () => {
      kamailio.close()
      await node.stop()
      expect((await sipsak(proxy.port, 'down')).output).toContain('200 Default')
      await proxy.printed(/default route: down action=error error={error, cnode, no_erlang_node}/)
      node = await startNode()
      kamailio = new Kamailio(node, proxy.name)
      kamailio.on('*', (_request, reply) => reply.accept(200, 'Back'))
      expect((await sipsak(proxy.port, 'back')).output).toContain('200 Back')
    })
  },
)

/** The credentials that answer a challenge, without `qop`. */
function digest(challenge: string, user: string, password: string, uri: string): string {
  const md5 = (text: string) => createHash('md5').update(text).digest('hex')
  const of = (name: string) => new RegExp(`${name}="([^"]*)"`).exec(challenge)?.[1] ?? ''
  const ha1 = md5(`${user}:${of('realm')}:${password}`)
  const response = md5(`${ha1}:${of('nonce')}:${md5(`REGISTER:${uri}`)}`)
  const parts = { username: user, realm: of('realm'), nonce: of('nonce'), uri, response }
  const text = Object.entries(parts).map(([name, value]) => `${name}="${value}"`)
  return `Digest ${text.join(', ')}`
}
