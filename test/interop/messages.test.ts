import {
  atom,
  decode,
  type ErlangNode,
  encode,
  equals,
  format,
  type Pid,
  type Term,
  text,
  tuple,
} from 'beamlink'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { ErlNode } from '../helpers/erl-node.js'
import { startBeside } from '../helpers/local-node.js'
import { Arrivals, deferred, until, withDeadline } from '../helpers/waiting.js'

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

let count = 0
let name: string
let arrived: Arrivals<Term>
beforeEach(() => {
  count += 1
  name = `inbox${count}`
  arrived = new Arrivals()
})

describe('a message that cannot be sent', () => {
  it.each([[undefined], [null], [42], [''], [{}], [{ name: '' }], [[]]])(
    'throws for the destination %o',
    (to) => {
      expect(() => node.send(to as unknown as string, 1)).toThrow(TypeError)
    },
  )

  it('throws for a misspelt node, rather than look for the name here', async () => {
    const misspelt = { name: 'x', nod: 'shop@127.0.0.1' } as never
    expect(() => node.send(misspelt, 1)).toThrow('did you mean "node"?')
    await expect(node.call(misspelt, 1)).rejects.toThrow('did you mean "node"?')
  })

  it('throws for options that nobody knows', () => {
    const misspelt = { encod: {} } as never
    expect(() => node.send('x', 1, misspelt)).toThrow('did you mean "encode"?')
    expect(() => node.cast('x', 1, misspelt)).toThrow('did you mean "encode"?')
    expect(() => node.spawn().send('x', 1, misspelt)).toThrow('did you mean "encode"?')
    expect(() => node.send('x', 1, null as never)).toThrow('options must be an object, got null')
  })

  it('throws for a malformed node name', () => {
    expect(() => node.send({ name: 'x', node: 'shop' }, 1)).toThrow(RangeError)
  })

  it.each([[undefined], [Symbol('x')], [() => 1], [Number.NaN]])(
    'throws for %o, and sends nothing',
    async (value) => {
      const bad = tuple(atom('x'), value as unknown as Term)
      expect(() => node.send({ name: 'observer', node: erl.name }, bad)).toThrow(
        expect.objectContaining({ code: 'ERR_ERL_ENCODE' }),
      )
      await node.send({ name: 'observer', node: erl.name }, atom('good'))
      expect(await erl.observed.next()).toBe('good')
    },
  )

  it('is refused when it holds a local term, and leaves the connection up', async () => {
    const local = decode(Uint8Array.of(131, 121, 1, 2))
    expect(encode(local)).toEqual(Buffer.of(131, 121, 1, 2))
    await node.connect(erl.name)
    const downs: string[] = []
    node.on('nodedown', (peer) => downs.push(peer))
    expect(() => node.send({ name: 'x', node: erl.name }, [local])).toThrow('a local term within')
    await node.ping(erl.name)
    expect(downs).toEqual([])
  })

  it('rejects when there is no connection to be had, and is counted', async () => {
    const before = node.stats().drops.noConnection
    const sent = node.send({ name: 'x', node: 'nobody@127.0.0.1' }, 1)
    await expect(sent).rejects.toMatchObject({ code: 'ERR_ERL_NODE_NOT_FOUND' })
    expect(node.stats().drops.noConnection).toBe(before + 1)
  })

  it('raises no unhandled rejection when nobody looks', async () => {
    const unhandled: unknown[] = []
    const keep = (reason: unknown) => unhandled.push(reason)
    process.on('unhandledRejection', keep)
    const dropped = until(node, 'drop')
    void node.send({ name: 'x', node: 'nobody2@127.0.0.1' }, 1)
    await dropped
    await new Promise(setImmediate)
    process.off('unhandledRejection', keep)
    expect(unhandled).toEqual([])
  })

  it('is dropped and counted when it comes for a name that nobody has', async () => {
    const before = node.stats().drops.unknownName
    const dropped = until(node, 'drop')
    await erl.eval(`{nobody_here, '${node.name}'} ! x`)
    expect(await dropped).toEqual([{ reason: 'unknownName', peer: erl.name, to: 'nobody_here' }])
    expect(node.stats().drops.unknownName).toBe(before + 1)
  })

  it('is dropped and counted when it comes for a process that has ended', async () => {
    const process = node.register(name, arrived.push)
    const session = erl.session()
    await session.eval(`Pid = rpc:call('${node.name}', erlang, whereis, [${name}])`)
    process.end(atom('normal'))
    const dropped = until(node, 'drop')
    await session.eval('Pid ! x')
    expect(await dropped).toMatchObject([{ reason: 'unknownProcess', peer: erl.name }])
  })
})

describe('a message from Erlang', () => {
  it('reaches the process of that name, with the sender', async () => {
    const from = new Arrivals<Pid | undefined>()
    node.register(name, (message, context) => {
      arrived.push(message)
      from.push(context.from)
      expect(context.node).toBe(erl.name)
    })
    const sender = await erl.evalBytes(`{${name}, '${node.name}'} ! {hello, 42}, self()`)
    expect(await arrived.next()).toEqual(tuple(atom('hello'), 42))
    const pid = await from.next()
    expect(pid === undefined ? '' : await erl.eval(`binary_to_term(<<${sender.join(',')}>>)`)).toBe(
      await erl.eval(`list_to_pid("<0.${pid?.id}.${pid?.serial}>")`),
    )
  })

  it('reaches the pid of a process', async () => {
    const process = node.register(name, arrived.push)
    expect(node.whereis(name)).toBe(process.pid)
    await node.send({ name: 'observer', node: erl.name }, process.pid)
    await erl.observed.next()
    await erl.eval(`rpc:call('${node.name}', erlang, whereis, [${name}]) ! to_the_pid`)
    expect(await arrived.next()).toBe(atom('to_the_pid'))
  })

  it('is decoded as the process wants it', async () => {
    node.register(name, arrived.push, { decode: 'elixir' })
    await erl.eval(`{${name}, '${node.name}'} ! #{<<"a">> => nil, b => [<<"text">>]}`)
    expect(await arrived.next()).toEqual(
      Object.assign(Object.create(null), { a: null, b: ['text'] }),
    )
  })

  it('is taken raw and forwarded unchanged', async () => {
    node.register(name, (message) => node.send({ name: 'observer', node: erl.name }, message), {
      decode: 'raw',
    })
    const message = '{1.0,[a|b],#{1 => 1.0},fun lists:seq/2}'
    await erl.eval(`{${name}, '${node.name}'} ! ${message}`)
    expect(await erl.observed.next()).toBe(message)
  })

  it('waits until the handler has dealt with the one before', async () => {
    const gate = deferred<void>()
    const seen: Term[] = []
    const all = deferred<void>()
    node.register(name, async (message) => {
      seen.push(message)
      if (message === 1) await gate.promise
      if (message === 3) all.resolve()
    })
    const after = new Arrivals<Term>()
    node.register(`${name}_after`, after.push)
    await erl.eval(
      `N = '${node.name}', [{${name}, N} ! I || I <- [1, 2, 3]], {${name}_after, N} ! x`,
    )
    await after.next()
    expect(seen).toEqual([1])
    gate.resolve()
    await withDeadline(all.promise, 'the third message')
    expect(seen).toEqual([1, 2, 3])
  })

  it('waits for the handler also when that sends an exit signal to its own process', async () => {
    const steps: string[] = []
    const over = deferred<void>()
    const process = node.register(name, (message) => {
      steps.push(`begin ${format(message)}`)
      if (message === 1) process.exitSignal(process.pid, atom('hint'))
      steps.push('end')
      if (message !== 1) over.resolve()
    })
    process.trapExit = true
    await erl.eval(`{${name}, '${node.name}'} ! 1`)
    await withDeadline(over.promise, 'the signal')
    const exit = `begin {'EXIT',${format(process.pid)},hint}`
    expect(steps).toEqual(['begin 1', 'end', exit, 'end'])
  })

  it('is followed by the next when the handler throws, which is told', async () => {
    node.register(name, (message) => {
      arrived.push(message)
      if (message === 1) throw new Error('no ones')
    })
    const failed = until(node, 'handlerError')
    await erl.eval(`N = '${node.name}', {${name}, N} ! 1, {${name}, N} ! 2`)
    const [failure] = await failed
    expect(failure).toMatchObject({ error: new Error('no ones'), message: 1 })
    expect([await arrived.next(), await arrived.next()]).toEqual([1, 2])
  })

  it('finds nobody after unregister', async () => {
    node.register(name, arrived.push)
    expect(node.unregister(name)).toBe(true)
    expect(node.unregister(name)).toBe(false)
    expect(node.whereis(name)).toBeUndefined()
    const dropped = until<[{ to?: unknown }]>(node, 'drop', ({ to }) => to === name)
    await erl.eval(`{${name}, '${node.name}'} ! 1`)
    await dropped
    expect(arrived.waiting).toBe(0)
  })

  it('to an unclaimed name goes to the fallback, with that name', async () => {
    const names = new Arrivals<string | undefined>()
    const fallback = node.registerFallback((message, { to }) => {
      arrived.push(message)
      names.push(to)
    })
    await erl.eval(`{'any name', '${node.name}'} ! 1`)
    expect([await arrived.next(), await names.next()]).toEqual([1, 'any name'])
    const session = erl.session()
    await session.eval(
      `Name = {'any name', '${node.name}'}, Ref = monitor(process, Name), Name ! 2`,
    )
    expect(await arrived.next()).toBe(2)
    fallback.end(atom('normal'))
    expect(await session.eval('receive {_, Ref, _, {Whom, _}, Reason} -> {Whom, Reason} end')).toBe(
      "{'any name',normal}",
    )
    const dropped = until(node, 'drop')
    await erl.eval(`{'any name', '${node.name}'} ! 1`)
    await dropped
  })

  it('is lost alone when its bytes are no term, which is told', async () => {
    node.register(name, arrived.push)
    const deep = until(node, 'decodeError')
    await erl.eval(
      `{${name}, '${node.name}'} ! lists:foldl(fun(_, T) -> [T] end, [], lists:seq(1, 20000)), {${name}, '${node.name}'} ! after_it`,
    )
    const [failure] = await deep
    expect(failure).toMatchObject({ peer: erl.name })
    expect(await arrived.next()).toBe(atom('after_it'))
  })
})

describe('a message to Erlang', () => {
  it('reaches a name, a pid and an alias', async () => {
    node.register(name, arrived.push)
    const session = erl.session()
    await session.eval(`A = alias(), {${name}, '${node.name}'} ! {self(), A}`)
    const addresses = await arrived.next()
    if (!(typeof addresses === 'object' && addresses !== null && 'elements' in addresses)) {
      throw new Error('a tuple was sent')
    }
    const [pid, alias] = addresses.elements as [Pid, Pid]
    await node.send(pid, atom('by_pid'))
    await node.send(alias, atom('by_alias'))
    await node.send({ name: atom('observer'), node: atom(erl.name) as never }, atom('by_name'))
    expect(await session.eval('receive by_pid -> receive X -> X end end')).toBe('by_alias')
    expect(await erl.observed.next()).toBe('by_name')
  })

  it('arrives in order, those before the connection first', async () => {
    const fresh = await startBeside(erl)
    for (let i = 0; i < 100; i += 1) void fresh.send({ name: 'observer', node: erl.name }, i)
    await fresh.drained(erl.name)
    for (let i = 100; i < 200; i += 1) void fresh.send({ name: 'observer', node: erl.name }, i)
    for (let i = 0; i < 200; i += 1) expect(await erl.observed.next()).toBe(String(i))
    await fresh.stop()
  })

  it('is what the value was when it was sent', async () => {
    const fresh = await startBeside(erl)
    const list = [1, 2]
    void fresh.send({ name: 'observer', node: erl.name }, list)
    list.push(3)
    expect(await erl.observed.next()).toBe('[1,2]')
    await fresh.stop()
  })

  it('holds the sender up above the mark, until it is written', async () => {
    const fresh = await startBeside(erl, { maxQueuedBytes: 100_000 })
    await fresh.connect(erl.name)
    await erl.eval('register(sink, spawn(fun F() -> receive _ -> F() end end))')
    const small = fresh.send({ name: 'sink', node: erl.name }, 1)
    const again = fresh.send({ name: 'sink', node: erl.name }, 1)
    expect(small).toBe(again)
    const large = fresh.send({ name: 'sink', node: erl.name }, Buffer.alloc(1_000_000))
    expect(large).not.toBe(small)
    await withDeadline(large, 'the queue to drain')
    await fresh.stop()
  })
})

describe('a message within this node', () => {
  it('takes the same way through the codec, and comes later', async () => {
    const process = node.register(name, arrived.push)
    await node.send(name, 'text')
    await node.send(process.pid, { key: [1n] })
    await node.send({ name, node: node.name }, tuple(1.5))
    expect(text(await arrived.next())).toBe('text')
    expect(equals(await arrived.next(), new Map([['key', [1]]]) as never)).toBe(true)
    expect(await arrived.next()).toEqual(tuple(1.5))
  })

  it('does not run the handler inside send', async () => {
    let ran = false
    const done = deferred<void>()
    node.register(name, () => {
      ran = true
      done.resolve()
    })
    void node.send(name, 1)
    expect(ran).toBe(false)
    await done.promise
  })
})

describe('registering', () => {
  it.each([[''], [42], [undefined]])('refuses the name %o', (bad) => {
    expect(() => node.register(bad as string, () => undefined)).toThrow()
  })

  it.each([['x'.repeat(256)], ['half \uD83D'], ['undefined']])(
    'refuses %o, which no process of Erlang could have, and goes on answering registered/0',
    async (bad) => {
      const { processes } = node.stats()
      expect(() => node.register(bad, () => undefined)).toThrow(/^name /)
      expect(() => node.spawn({ name: bad })).toThrow(/^name /)
      expect(node.stats().processes).toBe(processes)
      expect(await erl.eval(`rpc:call('${node.name}', erlang, registered, [])`)).toContain('rex')
    },
  )

  it('refuses what is no function', () => {
    expect(() => node.register(name, 'x' as never)).toThrow(
      'handler must be a function, got "x" (string)',
    )
  })

  it('refuses a name that is taken', () => {
    node.register(name, () => undefined)
    expect(() => node.register(name, () => undefined)).toThrow(RangeError)
    expect(() => node.register('rex', () => undefined)).toThrow(RangeError)
  })

  it('shows in registered/0 and whereis/1', async () => {
    node.register(name, () => undefined)
    const names = await erl.eval(`rpc:call('${node.name}', erlang, registered, [])`)
    for (const known of ['rex', 'net_kernel', name]) expect(names).toContain(known)
    const alive = `Pid = rpc:call(N, erlang, whereis, [${name}]), rpc:call(N, erlang, is_process_alive, [Pid])`
    expect(await erl.eval(`N = '${node.name}', ${alive}`)).toBe('true')
    expect(await erl.eval(`rpc:call('${node.name}', erlang, whereis, [nobody])`)).toBe('undefined')
  })
})
