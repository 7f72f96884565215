import { atom, charlist, type ErlangNode, format, Pid, type Term, tuple } from 'beamlink'
import { Kamailio, type KamailioEvents } from 'beamlink/kamailio'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Epmd } from '../helpers/epmd.js'
import { testCookie } from '../helpers/erl-node.js'
import { noKamailio, SipProxy, sipsak } from '../helpers/kamailio/sip-proxy.js'
import { startBeside } from '../helpers/local-node.js'
import { uniqueAlive, uniqueName } from '../helpers/names.js'
import { Arrivals, deferred, until } from '../helpers/waiting.js'

/** The users of the README of the older module, and one for each function of the newer one. */
const script = `
route[TEST] {
    switch ($rU) {
        case "echo":
            $erl_atom(t) = "sip";
            $erl_tuple(M) = $ci;
            $erl_tuple(M) = $rU;
            $erl_tuple(M) = 42;
            $erl_tuple(M) = $erl_atom(t);
            erl_reg_send("raw", "$erl_tuple(M)");
            break;
        case "rpc":
            $erl_list(args) = 2;
            $erl_list(args) = 40;
            erl_rpc("probe", "add", "$erl_list(args)", "$erl_xbuff(r)");
            xlog("L_NOTICE", "rpc: $rc $erl_xbuff(r=>type) $erl_xbuff(r=>format)\\n");
            break;
        case "send":
            $erl_atom(w) = "raw";
            $erl_list(wa) = $erl_atom(w);
            erl_rpc("erlang", "whereis", "$erl_list(wa)", "$erl_xbuff(pid)");
            $erl_tuple(S) = "via pid";
            $erl_tuple(S) = $erl_xbuff(pid);
            erl_send("$erl_xbuff(pid)", "$erl_tuple(S)");
            break;
        case "cast":
            $erl_atom(g) = "$gen_cast";
            $erl_tuple(C) = "payload";
            $erl_tuple(C) = $erl_atom(g);
            erl_reg_send("server", "$erl_tuple(C)");
            break;
        default:
            $erl_list(args) = $rU;
            erl_rpc("probe", $_s($rU), "$erl_list(args)", "$erl_xbuff(r)");
            xlog("L_NOTICE", "$rU: $rc $erl_xbuff(r=>type) $erl_xbuff(r=>format)\\n");
    }
    sl_send_reply("200", "OK");
}
event_route[erlang:greetings] {
    xlog("L_NOTICE", "greetings: $erl_xbuff(msg=>format)\\n");
    $erl_atom(hello) = "hello";
    $erl_tuple(reply) = "Erlang";
    $erl_tuple(reply) = $erl_atom(hello);
    erl_reply("$erl_tuple(reply)");
}
event_route[erlang:self] {
    xlog("L_NOTICE", "self: $erl_xbuff(msg=>format)\\n");
}
`

describe.skipIf(noKamailio !== undefined)(`scripts of a real Kamailio ${noKamailio ?? ''}`, () => {
  let epmd: Epmd
  let node: ErlangNode
  let proxy: SipProxy
  let kamailio: Kamailio

  beforeAll(async () => {
    epmd = await Epmd.start()
    const name = uniqueName('js')
    node = await startBeside({ cookie: testCookie, epmdPort: epmd.port }, { name })
    proxy = await SipProxy.start({
      epmdPort: epmd.port,
      cookie: testCookie,
      erlangNode: name,
      alive: uniqueAlive('proxy'),
      script,
    })
    kamailio = new Kamailio(node, proxy.name)
    node.expose('probe', {
      add: (a, b) => Number(a) + Number(b),
      rpc2: () => tuple(atom('ok'), 'text', { a: 1.5, b: '' }, [atom('x')]),
      whatever: () => [],
      throws: () => {
        throw new Error('boom')
      },
      fun: () => tuple(1, [atom('x')], 2),
    })
  })
  afterAll(async () => {
    kamailio?.close()
    await proxy?.stop()
    await node?.stop()
    await epmd?.stop()
  })

  const printedFor = async (user: string, pattern: RegExp) => {
    expect((await sipsak(proxy.port, user)).code).toBe(0)
    await proxy.printed(pattern)
  }

  it('whatever: reads undefined where a function gave what is empty', () =>
    printedFor('whatever', /whatever: 1 atom undefined/))

  it('nothing: reads what is wrong in a text when there is no such function', () =>
    printedFor('nothing', /nothing: 1 tuple {badrpc, "error: undef .*probe,nothing/))

  it('throws: reads what a function threw', () =>
    printedFor('throws', /throws: 1 tuple {badrpc, "Error: boom"}/))

  it('fun: reads why an answer was not to be read, and where; Node is told', async () => {
    const told = until<KamailioEvents['unreadable']>(kamailio.events, 'unreadable')
    await printedFor('fun', /fun: 1 tuple {badrpc, "RangeError: answer\[1\] must be no list/)
    expect((await told)[0]).toMatchObject({ peer: proxy.name })
    expect(kamailio.stats.unreadable).toBe(1)
  })

  it('echo: sends to a registered process', async () => {
    const arrived = new Arrivals<Term>()
    const raw = node.register('raw', arrived.push)
    expect((await sipsak(proxy.port, 'echo')).code).toBe(0)
    expect(format(await arrived.next())).toMatch(/^\{sip,42,"echo","[^"]+"\}$/)
    expect((await sipsak(proxy.port, 'send')).code).toBe(0)
    const message = await arrived.next()
    expect(format(message)).toBe(`{${raw.pid},"via pid"}`)
    raw.exit()
  })

  it('cast: reaches a gen_server', async () => {
    const arrived = new Arrivals<Term>()
    const server = node.serve('server', { cast: arrived.push })
    expect((await sipsak(proxy.port, 'cast')).code).toBe(0)
    expect(format(await arrived.next())).toBe('"payload"')
    server.exit()
  })

  it('rpc: calls an exposed function', () => printedFor('rpc', /rpc: 1 integer 42/))

  it('rpc2: reads text, floats and maps in a form of its own', () =>
    printedFor('rpc2', /rpc2: 1 tuple {ok, "text", {"a", "1.5", "b", undefined}, \[x\]}/))

  it('gets a message to an event route, and its reply comes back', async () => {
    const answer = await kamailio.ask('greetings', tuple(atom('hello'), 'Kamailio'))
    expect(format(answer)).toBe('{hello,"Erlang"}')
    await proxy.printed(/greetings: {hello, "Kamailio"}/)
  })

  it('gets a message to the pid of an event route', async () => {
    const pid = await kamailio.whereis('greetings')
    expect(Pid.is(pid)).toBe(true)
    if (pid !== undefined) await kamailio.send(pid, charlist('to the pid'))
    await proxy.printed(/self: "to the pid"/)
  })

  it('waits with a message while a script waits for an answer', async () => {
    const asked = deferred<void>()
    const sent = deferred<{ sending: Promise<void> }>()
    node.expose('probe', {
      busy: async () => {
        sent.resolve({ sending: kamailio.send('greetings', atom('in_between')) })
        await asked.promise
        return 7
      },
    })
    const call = sipsak(proxy.port, 'busy')
    const { sending } = await sent.promise
    asked.resolve()
    expect((await call).code).toBe(0)
    await sending
    await proxy.printed(/busy: 1 integer 7/)
    await proxy.printed(/greetings: in_between/)
  })

  it('never takes a late answer for that of the next call', async () => {
    const late = deferred<void>()
    node.expose('probe', {
      slow: async () => {
        await late.promise
        return atom('late')
      },
      quick: () => {
        late.resolve()
        return atom('quick')
      },
    })
    await printedFor('slow', /slow: 1 tuple {badrpc, "timeout"}/)
    await printedFor('quick', /quick: 1 atom quick/)
    expect(kamailio.stats).toMatchObject({ timedOut: 1, late: 1 })
  })
})
