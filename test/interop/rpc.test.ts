import { atom, charlist, type ErlangNode, format, isTuple, tuple } from 'beamlink'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { ErlNode } from '../helpers/erl-node.js'
import { startBeside } from '../helpers/local-node.js'
import { until, withDeadline } from '../helpers/waiting.js'

let erl: ErlNode
let node: ErlangNode
beforeAll(async () => {
  erl = await ErlNode.start()
  node = await startBeside(erl)
})
afterAll(async () => {
  await node.stop()
  await erl.stop()
})

/** What stays behind on our side: nothing but the calls that are pending. */
function pendingCalls(): number {
  return node.stats().pendingCalls
}

describe('arguments of rpc', () => {
  it.each([
    [[42, 'lists', 'seq', []], 'node must be a node name'],
    [['x@127.0.0.1', '', 'seq', []], 'module must be a string that is not empty'],
    [['x@127.0.0.1', 'lists', 7, []], 'function must be a string, got 7 (number)'],
    [['x@127.0.0.1', 'lists', 'seq', 'abc'], 'args must be an array, got "abc" (string)'],
    [['x@127.0.0.1', 'lists', 'seq', [], { timeoutMs: -1 }], 'timeoutMs must be a number ≥ 0'],
    [['x@127.0.0.1', 'lists', 'seq', [], { timeout: 1 }], 'did you mean "timeoutMs"?'],
    [['x@127.0.0.1', 'lists', 'seq', [], { kill: 'yes' }], 'kill must be a boolean'],
    [['x@127.0.0.1', 'lists', 'seq', [], { decode: 'yaml' }], 'decode options must be'],
    [['x@127.0.0.1', 'lists', 'seq', [], { signal: {} }], 'signal must be an AbortSignal'],
  ])('are refused: %o', async (args, message) => {
    const call = node.rpc(...(args as unknown as Parameters<ErlangNode['rpc']>))
    await expect(call).rejects.toThrow(message)
    expect(pendingCalls()).toBe(0)
  })

  it.each([[undefined], [() => 1], [Number.NaN]])(
    'without Erlang form are refused: %o',
    async (bad) => {
      const args = [bad] as unknown as number[]
      await expect(node.rpc(erl.name, 'erlang', 'abs', args)).rejects.toMatchObject({
        code: 'ERR_ERL_ENCODE',
      })
      const fresh = await startBeside(erl)
      await expect(fresh.rpc(erl.name, 'erlang', 'abs', args)).rejects.toMatchObject({
        code: 'ERR_ERL_ENCODE',
      })
      await fresh.stop()
      expect(pendingCalls()).toBe(0)
    },
  )

  it('without Erlang form are refused by their place, whether the peer is connected or not', async () => {
    const bad = [1, { deep: [Symbol('x')] }] as unknown as number[]
    const exactly = /^\[1\]\.deep\[0\]: a symbol has no Erlang form$/
    const fresh = await startBeside(erl)
    await expect(fresh.rpc(erl.name, 'm', 'f', bad)).rejects.toThrow(exactly)
    expect(() => fresh.rpcCast(erl.name, 'm', 'f', bad)).toThrow(exactly)
    await expect(fresh.call({ name: 'rex', node: erl.name }, bad)).rejects.toThrow(exactly)
    await fresh.connect(erl.name)
    await expect(fresh.rpc(erl.name, 'm', 'f', bad)).rejects.toThrow(exactly)
    expect(() => fresh.rpcCast(erl.name, 'm', 'f', bad)).toThrow(exactly)
    await expect(fresh.call({ name: 'rex', node: erl.name }, bad)).rejects.toThrow(exactly)
    await fresh.stop()
  })
})

describe('rpc that fails', () => {
  it.each([
    ['error', 'error', 'oops'],
    ['exit', 'exit', 'oops'],
    ['throw', 'throw', 'oops'],
  ])('with %s tells the class and the reason', async (name, remoteClass, reason) => {
    await expect(node.rpc(erl.name, 'erlang', name, [atom(reason)])).rejects.toMatchObject({
      code: 'ERR_ERL_REMOTE',
      remoteClass,
      reason: atom(reason),
    })
  })

  it('tells the stack of the remote function', async () => {
    const failure = await node.rpc(erl.name, 'lists', 'nth', [0, []]).catch((error) => error)
    expect(failure.message).toBe(`lists:nth/2 failed at ${erl.name}: error:function_clause`)
    expect(format(failure.remoteStack)).toMatch(/^\[\{lists,nth,\[0,\[\]\],/)
  })

  it('has undef for a function that is not there', async () => {
    await expect(node.rpc(erl.name, 'nowhere', 'f', [1])).rejects.toMatchObject({
      reason: atom('undef'),
      remoteStack: [tuple(atom('nowhere'), atom('f'), [1], [])],
    })
  })

  it('has the reason of a process that was killed', async () => {
    await erl.load('-module(suicide).\n-export([now/0]).\nnow() -> exit(self(), kill).')
    await expect(node.rpc(erl.name, 'suicide', 'now')).rejects.toMatchObject({
      code: 'ERR_ERL_REMOTE',
      remoteClass: 'exit',
      reason: atom('killed'),
    })
  })

  it('rejects with ERR_ERL_REMOTE for {badrpc, Reason}', async () => {
    const badrpc = tuple(atom('badrpc'), atom('why'))
    await expect(node.rpc(erl.name, 'erlang', 'element', [1, tuple(badrpc)])).rejects.toMatchObject(
      { code: 'ERR_ERL_REMOTE', reason: atom('why') },
    )
  })

  it('shows where it was called', async () => {
    async function theCaller() {
      await node.rpc(erl.name, 'erlang', 'error', [1])
    }
    const failure: Error = await theCaller().catch((error) => error)
    expect(failure.stack).toContain('theCaller')
  })

  it('rejects with ERR_ERL_NOCONNECTION when the peer dies during a call', async () => {
    const other = await ErlNode.start({ epmdPort: erl.epmdPort })
    await node.connect(other.name)
    const calls = [1, 2, 3].map(() => node.rpc(other.name, 'timer', 'sleep', [60_000]))
    const all = Promise.all(
      calls.map((call) => expect(call).rejects.toMatchObject({ code: 'ERR_ERL_NOCONNECTION' })),
    )
    other.signal('SIGKILL')
    await withDeadline(all, 'the calls to fail')
    expect(pendingCalls()).toBe(0)
    await other.stop()
  })

  it('rejects with ERR_ERL_NODE_NOT_FOUND when there is no such node', async () => {
    await expect(node.rpc('nobody@127.0.0.1', 'erlang', 'node')).rejects.toMatchObject({
      code: 'ERR_ERL_NODE_NOT_FOUND',
    })
  })
})

describe('rpc that is given up', () => {
  /** `wait:here(Name)` registers itself and waits until it is told to go. */
  const wait = `-module(wait).
-export([here/1, quiet/1, gone/1]).
quiet(Name) -> register(Name, self()), receive go -> went end.
here(Name) -> register(Name, self()), observer ! {here, Name}, receive go -> went end.
gone(Name) -> Ref = monitor(process, Name), receive {'DOWN', Ref, _, _, Reason} -> Reason end.`
  beforeAll(() => erl.load(wait))

  it('rejects with ERR_ERL_TIMEOUT, and the remote process goes on', async () => {
    const call = node.rpc(erl.name, 'wait', 'here', [atom('slow')], { timeoutMs: 100 })
    await expect(call).rejects.toMatchObject({
      code: 'ERR_ERL_TIMEOUT',
      message: `no answer from ${erl.name} within 100 ms`,
    })
    await erl.observed.next()
    // Our monitor went with the call, before the next one.
    await node.rpc(erl.name, 'erlang', 'node')
    expect(pendingCalls()).toBe(0)
    expect(await erl.eval('process_info(whereis(slow), monitored_by)')).toBe('{monitored_by,[]}')
    await erl.eval('slow ! go')
  })

  it('rejects with the reason of the signal', async () => {
    const controller = new AbortController()
    const reason = new Error('changed my mind')
    const call = node.rpc(erl.name, 'wait', 'here', [atom('aborted')], {
      signal: controller.signal,
    })
    const rejected = expect(call).rejects.toBe(reason)
    await erl.observed.next()
    controller.abort(reason)
    await rejected
    await node.rpc(erl.name, 'erlang', 'node')
    expect(pendingCalls()).toBe(0)
    expect(await erl.eval('is_process_alive(whereis(aborted))')).toBe('true')
    await erl.eval('aborted ! go')
  })

  it('kills the remote process when asked to', async () => {
    const controller = new AbortController()
    const options = { signal: controller.signal, kill: true }
    const call = node.rpc(erl.name, 'wait', 'here', [atom('victim')], options)
    const rejected = expect(call).rejects.toThrow()
    await erl.observed.next()
    const gone = erl.eval('wait:gone(victim)')
    controller.abort()
    await rejected
    expect(await gone).toMatch(/killed|noproc/)
  })

  it('kills the remote process also when it is given up before it is known', async () => {
    const controller = new AbortController()
    const options = { signal: controller.signal, kill: true }
    const call = node.rpc(erl.name, 'wait', 'quiet', [atom('unborn')], options)
    controller.abort()
    await expect(call).rejects.toThrow()
    await node.rpc(erl.name, 'erlang', 'node')
    expect(await erl.eval('wait:gone(unborn)')).toMatch(/killed|noproc/)
    expect(pendingCalls()).toBe(0)
  })

  it('drops and counts an answer that comes too late', async () => {
    const before = node.stats().drops.lateAnswer
    const dropped = until<[{ reason: string }]>(
      node,
      'drop',
      ({ reason }) => reason === 'lateAnswer',
    )
    const controller = new AbortController()
    const call = node.rpc(erl.name, 'erlang', 'node', [], { signal: controller.signal })
    const rejected = expect(call).rejects.toThrow()
    // The answer arrives while this loop is blocked, and is delivered after the call is given up.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200)
    controller.abort()
    await rejected
    await dropped
    expect(node.stats().drops.lateAnswer).toBe(before + 1)
  })

  it('rejects at once with a signal that was aborted before', async () => {
    const reason = new Error('too late')
    const signal = AbortSignal.abort(reason)
    await expect(node.rpc(erl.name, 'erlang', 'node', [], { signal })).rejects.toBe(reason)
  })

  it('rejects with ERR_ERL_TIMEOUT at once when it may take no time', async () => {
    await expect(
      node.rpc(erl.name, 'timer', 'sleep', [1_000], { timeoutMs: 0 }),
    ).rejects.toMatchObject({ code: 'ERR_ERL_TIMEOUT' })
  })
})

describe('rpc', () => {
  it('gives the value', async () => {
    expect(await node.rpc(erl.name, 'lists', 'seq', [1, 3])).toEqual([1, 2, 3])
    expect(await node.rpc(erl.name, 'erlang', 'node')).toBe(atom(erl.name))
    expect(await node.rpc(erl.name, atom('string'), atom('uppercase'), ['abc'])).toEqual(
      Buffer.from('ABC'),
    )
  })

  it('decodes the value as it is told to', async () => {
    const args = [charlist('#{<<"key">> => nil}.')]
    await erl.load(
      '-module(maker).\n-export([map/0]).\nmap() -> #{<<"key">> => nil, list => [<<"a">>]}.',
    )
    expect(await node.rpc(erl.name, 'maker', 'map', [], { decode: 'elixir' })).toEqual(
      Object.assign(Object.create(null), { key: null, list: ['a'] }),
    )
    expect(isTuple(await node.rpc(erl.name, 'erl_scan', 'string', args), 3)).toBe(true)
  })

  it('encodes the arguments as it is told to', async () => {
    const value = await node.rpc(erl.name, 'maps', 'keys', [{ a: 1 }], {
      encode: { keys: 'atoms' },
    })
    expect(value).toEqual([atom('a')])
  })

  it('waits for ever when told to', async () => {
    const timeoutMs = Number.POSITIVE_INFINITY
    expect(await node.rpc(erl.name, 'timer', 'sleep', [10], { timeoutMs })).toBe(atom('ok'))
  })

  it('answers many calls at once, each with its own value', async () => {
    const values = await Promise.all(
      Array.from({ length: 500 }, (_, i) => node.rpc(erl.name, 'erlang', '+', [i, 1])),
    )
    expect(values).toEqual(Array.from({ length: 500 }, (_, i) => i + 1))
    // After so many, the node makes calls of its own (own-rex.test.ts).
    await vi.waitFor(() => expect(pendingCalls()).toBe(0))
  })

  it('carries large values both ways', async () => {
    const large = Buffer.alloc(5_000_000, 7)
    const value = await node.rpc(erl.name, 'erlang', 'hd', [[large]], { timeoutMs: 20_000 })
    expect(large.equals(value as Buffer)).toBe(true)
  })

  it('shows what the function prints on the console of the peer', async () => {
    expect(await node.rpc(erl.name, 'io', 'put_chars', [charlist('printed by rpc\n')])).toBe(
      atom('ok'),
    )
    await vi.waitFor(() => expect(erl.output).toContain('printed by rpc'))
  })

  it('runs an exposed function of this very node', async () => {
    node.expose('own', { twice: (x: number) => 2 * x })
    expect(await node.rpc(node.name, 'own', 'twice', [4])).toBe(8)
    await expect(node.rpc(node.name, 'own', 'nothing')).rejects.toMatchObject({
      reason: atom('undef'),
    })
  })
})

describe('rpcCast', () => {
  it('runs the function and tells nothing', async () => {
    await node.rpcCast(erl.name, 'erlang', 'send', [atom('observer'), atom('cast')])
    expect(await erl.observed.next()).toBe('cast')
    const fresh = await startBeside(erl)
    await fresh.rpcCast(erl.name, 'erlang', 'send', [atom('observer'), atom('first')])
    expect(await erl.observed.next()).toBe('first')
    await fresh.stop()
  })

  it('throws for bad arguments and rejects without a connection', async () => {
    expect(() => node.rpcCast(erl.name, '', 'f')).toThrow(RangeError)
    expect(() => node.rpcCast(erl.name, 'm', 'f', [undefined as never])).toThrow(
      expect.objectContaining({ code: 'ERR_ERL_ENCODE' }),
    )
    await expect(node.rpcCast('nobody@127.0.0.1', 'm', 'f')).rejects.toMatchObject({
      code: 'ERR_ERL_NODE_NOT_FOUND',
    })
  })
})

describe('multicall', () => {
  it('gives a value or an error for each peer, in order', async () => {
    const results = await node.multicall(
      [erl.name, 'nobody@127.0.0.1', node.name],
      'erlang',
      'node',
    )
    expect(results).toMatchObject([
      { peer: erl.name, ok: true, value: atom(erl.name) },
      { peer: 'nobody@127.0.0.1', ok: false, error: { code: 'ERR_ERL_NODE_NOT_FOUND' } },
      { peer: node.name, ok: true, value: atom(node.name) },
    ])
  })

  it('rejects for arguments without Erlang form, which are no answer of a peer', async () => {
    const args = [Symbol('x')] as unknown as number[]
    const call = node.multicall([erl.name, node.name], 'erlang', 'abs', args)
    await expect(call).rejects.toMatchObject({ code: 'ERR_ERL_ENCODE' })
    const each = node.callEach([erl.name], 'rex', args)
    await expect(each).rejects.toMatchObject({ code: 'ERR_ERL_ENCODE' })
  })
})

describe('ping', () => {
  it('is true for a node, false for none', async () => {
    expect(await node.ping(erl.name)).toBe(true)
    expect(await node.ping(node.name)).toBe(true)
    expect(await node.ping('nobody@127.0.0.1')).toBe(false)
    await expect(node.ping('nonsense')).rejects.toBeInstanceOf(RangeError)
  })
})
