import { atom, type ErlangNode } from 'beamlink'
import { Kamailio, KamailioFault, type KamailioParameter } from 'beamlink/kamailio'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Epmd } from '../helpers/epmd.js'
import { testCookie } from '../helpers/erl-node.js'
import { noKamailio, SipProxy } from '../helpers/kamailio/sip-proxy.js'
import { SipSocket } from '../helpers/kamailio/sip-socket.js'
import { startBeside } from '../helpers/local-node.js'
import { uniqueAlive, uniqueName } from '../helpers/names.js'
import { deferred, until } from '../helpers/waiting.js'

const modules = `
loadmodule "htable.so"
loadmodule "evrexec.so"
modparam("htable", "htable", "box=>size=4;")
modparam("evrexec", "exec", "name=evrexec:start;wait=500000;workers=1")
`
const script = `
route[TEST] {
    $erl_list(args) = $rU;
    $var(tries) = 0;
    while ($var(tries) < 10) {
        $var(tries) = $var(tries) + 1;
        erl_rpc("probe", "id", "$erl_list(args)", "$erl_xbuff(r)");
        if ($erl_xbuff(r=>type) == "string") break;
    }
    sl_send_reply("200", "$erl_xbuff(r=>format)");
}
event_route[erlang:greetings] { return; }
event_route[evrexec:start] { return; }
event_route[evrexec:test]  { xlog("L_NOTICE", "test: $evr(data)\\n"); }
`

describe.skipIf(noKamailio !== undefined)(`methods of a real Kamailio ${noKamailio ?? ''}`, () => {
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
      modules,
      script,
    })
    kamailio = new Kamailio(node, proxy.name)
  })
  afterAll(async () => {
    kamailio?.close()
    await proxy?.stop()
    await node?.stop()
    await epmd?.stop()
  })

  it.each<[unknown, unknown, string]>([
    ['', [], 'method must be a string that is not empty'],
    ['version', [], "method must be a name such as 'core.version'"],
    ['core.version', ['a', ''], 'parameters[1] must be text that is not empty'],
    ['core.version', [2 ** 40], 'parameters[0] must be an integer of 32 bits'],
    ['core.version', [true], 'parameters[0] must be a string, a number or a plain object'],
    ['core.version', [atom('x')], 'parameters[0] must be a string, a number or a plain object'],
    ['core.version', [{ a: '' }], 'parameters[0].a must be text that is not empty'],
    ['core.version', 'x', 'parameters must be an array'],
  ])('refuses %o with %o before anything is sent', async (method, parameters, message) => {
    const call = kamailio.rpc(method as string, parameters as KamailioParameter[])
    await expect(call).rejects.toThrow(message)
  })

  it('rejects with ERR_ERL_REMOTE for an unknown method', () =>
    expect(kamailio.rpc('nope.nope')).rejects.toMatchObject({
      code: 'ERR_ERL_REMOTE',
      message: 'nope.nope: Method Not Found',
    }))

  it('rejects with the fault that a method answers with', async () => {
    const error = await kamailio.rpc('evrexec.run', ['evrexec:nope']).catch((thrown) => thrown)
    expect(KamailioFault.is(error)).toBe(true)
    expect(error).toMatchObject({
      code: 'ERR_ERL_REMOTE',
      faultCode: 500,
      faultText: 'Event route not found',
    })
  })

  it('rejects with ERR_ERL_TIMEOUT, or as it is aborted, while a script waits', async () => {
    const phone = await SipSocket.open()
    const asked = deferred<void>()
    const answer = deferred<string>()
    node.expose('probe', {
      id: () => {
        asked.resolve()
        return answer.promise
      },
    })
    const reply = phone.request(proxy.port, 'OPTIONS', 'busy')
    await asked.promise
    await expect(kamailio.rpc('core.version', [], { timeoutMs: 1 })).rejects.toMatchObject({
      code: 'ERR_ERL_TIMEOUT',
    })
    const signal = AbortSignal.abort(new Error('not any more'))
    await expect(kamailio.rpc('core.version', [], { signal })).rejects.toThrow('not any more')
    answer.resolve('done')
    expect((await reply).line).toBe('SIP/2.0 200 "done"')
    await phone.close()
  })

  it('gives one value, none, several, structs and arrays', async () => {
    expect(await kamailio.rpc('core.version')).toMatch(/^kamailio 5/)
    expect(await kamailio.rpc('evrexec.run', ['evrexec:test', 'mydata'])).toBeUndefined()
    await proxy.printed(/test: mydata/)
    const processes = await kamailio.rpcAll('core.psx')
    expect(processes[0]).toMatchObject({ IDX: 0, PID: expect.any(Number) })
    expect(await kamailio.rpc('core.ps')).toContain('main process - attendant')
    const uptime = await kamailio.rpc('core.uptime')
    expect(uptime).toMatchObject({ uptime: expect.any(Number) })
  })

  it('sets and reads a value of a hash table, as text and as a number', async () => {
    await kamailio.rpc('htable.sets', ['box', 'name', 'a text'])
    expect(JSON.stringify(await kamailio.rpc('htable.get', ['box', 'name']))).toContain('a text')
    await kamailio.rpc('htable.seti', ['box', 'count', 42])
    expect(JSON.stringify(await kamailio.rpc('htable.get', ['box', 'count']))).toContain('42')
  })

  it('knows which event routes there are', async () => {
    expect((await kamailio.whereis('greetings'))?.node.name).toBe(proxy.name)
    expect(await kamailio.whereis('nobody')).toBeUndefined()
  })

  it('answers every call of a script and of ours right while both go on', async () => {
    const phone = await SipSocket.open()
    node.expose('probe', { id: (user) => user as Buffer })
    const asked = Array.from({ length: 300 }, async (_, i) => {
      const { line } = await phone.request(proxy.port, 'OPTIONS', `user${i}`)
      expect(line).toBe(`SIP/2.0 200 "user${i}"`)
    })
    const called = Array.from({ length: 100 }, async (_, i) => {
      await kamailio.rpc('htable.seti', ['box', `n${i}`, i])
      const read = await kamailio.rpc('htable.get', ['box', `n${i}`], { timeoutMs: 20_000 })
      expect(read).toMatchObject({ item: { value: i } })
    })
    await Promise.all([...asked, ...called])
    await phone.close()
  })

  it('rejects with ERR_ERL_CLOSED what is called, or still waits, when it is closed', async () => {
    kamailio.close()
    await expect(kamailio.rpc('core.version')).rejects.toMatchObject({ code: 'ERR_ERL_CLOSED' })
    kamailio = new Kamailio(node, proxy.name)
    const calls = [kamailio.rpc('core.version'), kamailio.rpc('core.version')]
    const settled = Promise.allSettled(calls)
    kamailio.close()
    expect((await settled).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    kamailio = new Kamailio(node, proxy.name)
    expect(await kamailio.rpc('core.version')).toMatch(/^kamailio 5/)
  })

  it('goes on after a restart of Kamailio', async () => {
    await proxy.end()
    await expect(kamailio.rpc('core.version')).rejects.toMatchObject({
      code: expect.stringMatching(/ERR_ERL_(NODE_NOT_FOUND|NOCONNECTION)/),
    })
    const up = until(kamailio.events, 'up')
    await proxy.run()
    await up
    expect(await kamailio.rpc('core.version')).toMatch(/^kamailio 5/)
  })
})
