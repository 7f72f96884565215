import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Atom, atom, charlist, format, isAtom, Pid, type Term, text, tuple } from 'beamlink'
import { UwsgiErlang } from 'beamlink/uwsgi'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ErlNode, testCookie } from '../helpers/erl-node.js'
import { uniqueName } from '../helpers/names.js'
import { Arrivals, until } from '../helpers/waiting.js'

/** The module of uWSGI's document. */
const uwsgitest = `
  -module(uwsgitest).
  -export([hello/0]).

  hello() ->
      'hello world !'.`

/** The echo server of uWSGI's document, with the name of our node in place of that of its author's. */
const uwsgiecho = (node: string) => `
  -module(uwsgiecho).
  -export([start/0, loop/0, echo/1]).

  echo(Message) ->
      {i_am_echo, Message}.

  loop() ->
      receive
          Message1 ->
              io:format("received a message~n"),
              {useless, '${node}'} ! echo(Message1)
      end,
      loop().

  start() ->
      register(echoer, spawn(uwsgiecho, loop, [])).`

describe("uWSGI's Erlang examples", () => {
  let erl: ErlNode
  let uwsgi: UwsgiErlang

  beforeAll(async () => {
    erl = await ErlNode.start()
    const epmd = { host: '127.0.0.1', port: erl.epmdPort }
    uwsgi = await UwsgiErlang.start({ erlang: uniqueName('web'), erlangCookie: testCookie, epmd })
    await erl.load(uwsgitest)
    await erl.load(uwsgiecho(uwsgi.erlangNode))
    await erl.eval('uwsgiecho:start()')
  })
  afterAll(async () => {
    await uwsgi.stop()
    await erl.stop()
  })

  it('refuses what is no destination', async () => {
    await expect(uwsgi.erlangSendMessage(erl.name, [1, 2], 'x')).rejects.toThrow(TypeError)
  })

  it('refuses what is no limit and what is no handle', async () => {
    const handle = await uwsgi.erlangConnect(erl.name)
    const misspelt = { timeout: 1 } as never
    const refused = 'did you mean "timeoutMs"?'
    await expect(uwsgi.erlangConnect(erl.name, misspelt)).rejects.toThrow(refused)
    await expect(uwsgi.erlangRpc(handle, 'erlang', 'node', [], misspelt)).rejects.toThrow(refused)
    await expect(uwsgi.erlangSr(handle, 'echoer', 1, misspelt)).rejects.toThrow(refused)
    await expect(uwsgi.erlangRecvMessage(handle, misspelt)).rejects.toThrow(refused)
    const nan = { timeoutMs: Number.NaN }
    await expect(uwsgi.erlangRecvMessage(handle, nan)).rejects.toThrow(RangeError)
    const noHandle = erl.name as never
    await expect(uwsgi.erlangRecvMessage(noHandle)).rejects.toThrow('handle must be')
    await expect(uwsgi.erlangClose(noHandle)).rejects.toThrow('handle must be')
    await uwsgi.erlangClose(handle)
  })

  it('waits as long as it is told, also when that is longer than a timer can run', async () => {
    const handle = await uwsgi.erlangConnect(erl.name)
    const waiting = uwsgi.erlangRecvMessage(handle, { timeoutMs: 2 ** 32 })
    await uwsgi.erlangSendMessage(handle, 'echoer', 'soon')
    expect(format(await waiting)).toBe('{i_am_echo,<<"soon">>}')
    await uwsgi.erlangClose(handle)
  })

  it('leaves no connection behind when a message by node name cannot be sent', async () => {
    const bad = (() => 1) as never
    await expect(uwsgi.erlangSendMessage(erl.name, 'echoer', bad)).rejects.toThrow(TypeError)
    await expect(uwsgi.erlangSr(erl.name, 'echoer', bad)).rejects.toThrow(TypeError)
    expect(uwsgi.node.peers).toEqual([])
  })

  it('rejects where uWSGI gives -1, a badrpc tuple or None', async () => {
    await expect(uwsgi.erlangConnect('nobody@127.0.0.1')).rejects.toMatchObject({
      code: 'ERR_ERL_NODE_NOT_FOUND',
    })
    await expect(uwsgi.erlangRpc(erl.name, 'uwsgitest', 'goodbye', [])).rejects.toMatchObject({
      code: 'ERR_ERL_REMOTE',
      reason: atom('undef'),
    })
    const handle = await uwsgi.erlangConnect(erl.name)
    const waiting = uwsgi.erlangRecvMessage(handle)
    const closed = expect(waiting).rejects.toMatchObject({ code: 'ERR_ERL_CLOSED' })
    await uwsgi.erlangClose(handle)
    await closed
  })

  it('erhello: shows the RPC by handle on a page', async () => {
    const page = await fetchFrom(async (_request, response) => {
      const testnode = await uwsgi.erlangConnect(erl.name)
      const hello = await uwsgi.erlangRpc(testnode, 'uwsgitest', 'hello', [])
      response.setHeader('Content-Type', 'text/plain').end(nameOf(hello))
      await uwsgi.erlangClose(testnode)
    })
    expect(page).toBe('hello world !')
  })

  it('erhello, fast style: shows the RPC by node name on a page', async () => {
    const page = await fetchFrom(async (_request, response) => {
      const hello = await uwsgi.erlangRpc(erl.name, 'uwsgitest', 'hello', [])
      response.setHeader('Content-Type', 'text/plain').end(nameOf(hello))
    })
    expect(page).toBe('hello world !')
  })

  it('sends to the echo server and receives its answer', async () => {
    const node = await uwsgi.erlangConnect(erl.name)
    await uwsgi.erlangSendMessage(node, 'echoer', 'Hello echo server !!!')
    const answer = await uwsgi.erlangRecvMessage(node, { timeoutMs: 5_000 })
    expect(format(answer)).toBe('{i_am_echo,<<"Hello echo server !!!">>}')
    expect(format(await uwsgi.erlangSr(node, 'echoer', [1, 2]))).toBe('{i_am_echo,[1,2]}')
    expect(format(await uwsgi.erlangSr(erl.name, 'echoer', 7))).toBe('{i_am_echo,7}')
    await uwsgi.erlangClose(node)
  })

  it('sends to a pid, and to the 3-tuple of a pid', async () => {
    const node = await uwsgi.erlangConnect(erl.name)
    const pid = await uwsgi.erlangRpc(node, 'erlang', 'whereis', [atom('echoer')])
    if (!Pid.is(pid)) {
      throw new TypeError(`no pid: ${format(pid)}`)
    }
    expect(format(await uwsgi.erlangSr(node, pid, atom('a')))).toBe('{i_am_echo,a}')
    const threeTuple = tuple(pid.id, pid.serial, pid.creation)
    expect(format(await uwsgi.erlangSr(node, threeTuple, atom('b')))).toBe('{i_am_echo,b}')
    await uwsgi.erlangClose(node)
  })

  it('hands the messages for a registered process to its function', async () => {
    const received = new Arrivals<Term>()
    uwsgi.erlangRegisterProcess('myprocess', received.push)
    await erl.eval(`{ myprocess, '${uwsgi.erlangNode}' } ! "Hello"`)
    expect(text(await received.next('the message'))).toBe('Hello')
  })

  it('answers rpc:call of Erlang from the RPC table, whatever the module', async () => {
    uwsgi.registerRpc('myfunction', () => charlist('called'))
    const node = uwsgi.erlangNode
    expect(await erl.eval(`rpc:call('${node}', useless, myfunction, [])`)).toBe('"called"')
    expect(await erl.eval(`rpc:call('${node}', other, myfunction, [])`)).toBe('"called"')
    expect(await erl.eval(`element(1, rpc:call('${node}', useless, nothing, []))`)).toBe('badrpc')
  })
})

describe('messages that nobody receives', () => {
  const maxQueuedBytes = 1024 * 1024
  let erl: ErlNode
  let uwsgi: UwsgiErlang

  beforeAll(async () => {
    erl = await ErlNode.start()
    const epmd = { host: '127.0.0.1', port: erl.epmdPort }
    const erlang = uniqueName('web')
    uwsgi = await UwsgiErlang.start({ erlang, erlangCookie: testCookie, epmd, maxQueuedBytes })
  })
  afterAll(async () => {
    await uwsgi.stop()
    await erl.stop()
  })

  const sendMany = (count: number, bytes: number) =>
    erl.eval(`
      [{nobody, '${uwsgi.erlangNode}'} ! {N, binary:copy(<<0>>, ${bytes})}
        || N <- lists:seq(1, ${count})], ok`)

  it('are dropped, and told, when the node they come from has no handle', async () => {
    await uwsgi.node.connect(erl.name)
    const drop = until(uwsgi.node, 'drop')
    await sendMany(1, 1)
    expect(await drop).toMatchObject([{ reason: 'unknownName', peer: erl.name, to: 'nobody' }])
  })

  it('are kept up to maxQueuedBytes, and do not stand in the way of calls', async () => {
    const handle = await uwsgi.erlangConnect(erl.name)
    const drop = until(uwsgi.node, 'drop')
    const call = (n: number) => uwsgi.erlangRpc(handle, 'erlang', 'abs', [n])
    await sendMany(100, maxQueuedBytes / 8)
    expect(await call(-1)).toBe(1)
    expect(await drop).toMatchObject([
      { reason: 'limit', peer: erl.name, to: 'nobody', detail: 'maxQueuedBytes' },
    ])
    const dropped = uwsgi.stats().drops.limit
    expect(dropped).toBeGreaterThanOrEqual(91)
    for (let n = 1; n <= 100 - dropped; n += 1) {
      expect(await uwsgi.erlangRecvMessage(handle)).toMatchObject({ elements: [n, {}] })
    }
    // There is room again.
    await sendMany(1, 1)
    expect(await call(-2)).toBe(2)
    expect(await uwsgi.erlangRecvMessage(handle)).toMatchObject({ elements: [1, {}] })
    expect(uwsgi.stats().drops.limit).toBe(dropped)
    await uwsgi.erlangClose(handle)
  })
})

function nameOf(value: Term): string {
  if (!isAtom(value)) {
    throw new TypeError(`no atom: ${format(value)}`)
  }
  return (value as Atom).name
}

/** The page that a server with this listener gives. */
async function fetchFrom(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const page = await (await fetch(`http://127.0.0.1:${port}/`)).text()
  server.close()
  return page
}
