import { atom, format, type Pid, type ServerProcess, type Term } from 'beamlink'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { counter } from '../helpers/counter.js'
import { exit, Served } from '../helpers/served.js'
import { Arrivals, deferred, until, withDeadline } from '../helpers/waiting.js'

let served: Served
beforeAll(async () => {
  served = await Served.start()
})
afterEach(() => served.endServers())
afterAll(() => served.stop())

describe('a server that cannot start', () => {
  it('throws what is wrong with the arguments', () => {
    expect(() => served.node.serve('counter', 5 as never)).toThrow(/^impl must be an object/)
    expect(() => served.node.serve('counter', { call: 5 } as never)).toThrow(
      /^impl\.call must be a funct/,
    )
    expect(() => served.node.serve('', {})).toThrow(RangeError)
    expect(() => served.node.serve('counter', {}, { trapExits: true } as never)).toThrow(
      /"trapExit"/,
    )
    expect(() => served.node.serve('counter', {}, { parent: 5 as never })).toThrow(
      /^parent must be a pid/,
    )
    expect(served.node.whereis('counter')).toBeUndefined()
  })

  it('throws RangeError for a name that is taken, and leaves no process', () => {
    served.serve('counter', counter())
    const { processes } = served.node.stats()
    expect(() => served.node.serve('counter', {})).toThrow(RangeError)
    expect(served.node.stats().processes).toBe(processes)
  })

  it('throws what a synchronous init throws, and frees the name', () => {
    const impl = {
      init: () => {
        throw new TypeError('no disk')
      },
      terminate: () => expect.unreachable('terminate is not for servers that did not start'),
    }
    expect(() => served.node.serve('counter', impl)).toThrow('no disk')
    expect(served.node.whereis('counter')).toBeUndefined()
  })

  it('throws ERR_ERL_CLOSED when init stops it, and does not terminate', () => {
    const impl = {
      init: (server: ServerProcess) => server.stop(atom('no_disk')),
      terminate: () => expect.unreachable('terminate is not for servers that did not start'),
    }
    expect(() => served.node.serve('counter', impl)).toThrow('before it had started: no_disk')
    expect(served.node.whereis('counter')).toBeUndefined()
  })

  it('rejects whenStarted with what an asynchronous init throws, and ends with it', async () => {
    const server = served.serve('counter', {
      init: async () => {
        await new Promise(setImmediate)
        throw exit(atom('no_disk'))
      },
    })
    await expect(server.whenStarted).rejects.toMatchObject({ reason: atom('no_disk') })
    expect(await server.whenEnded).toBe(atom('no_disk'))
  })

  it('rejects whenStarted with ERR_ERL_CLOSED when it is killed meanwhile', async () => {
    const server = served.serve('counter', { init: () => new Promise(() => undefined) })
    const refused = expect(server.whenStarted).rejects.toMatchObject({
      code: 'ERR_ERL_CLOSED',
      reason: atom('killed'),
    })
    await served.ask(`exit(${served.pidOf('counter')}, kill)`)
    await withDeadline(refused, 'the start to fail')
  })

  it('tells handlerError of a failed start that nobody waits for', async () => {
    const failed = until<[{ error: unknown }]>(served.node, 'handlerError')
    const error = new Error('no disk')
    served.serve('counter', { init: () => Promise.reject(error) })
    expect((await failed)[0].error).toBe(error)
  })
})

describe('other messages to a server', () => {
  it('come to info, DOWN and EXIT of its own monitors and links too', async () => {
    const messages = new Arrivals<string>()
    const server = served.serve(
      'counter',
      { info: (message) => messages.push(format(message)) },
      { trapExit: true },
    )
    await served.ask('S ! hello, S ! {"$gen_call", odd}, S ! {system, odd, get_state}')
    expect(await messages.next()).toBe('hello')
    expect(await messages.next()).toBe('{"$gen_call",odd}')
    expect(await messages.next()).toBe('{system,odd,get_state}')
    const worker = (await served.node.rpc(served.erl.name, 'erlang', 'spawn', [
      atom('timer'),
      atom('sleep'),
      [atom('infinity')],
    ])) as Pid
    server.link(worker)
    const reference = server.monitor(worker)
    await served.node.rpc(served.erl.name, 'erlang', 'exit', [worker, atom('enough')])
    const both = [await messages.next(), await messages.next()].sort()
    expect(both).toEqual([
      `{'DOWN',${format(reference)},process,${format(worker)},enough}`,
      `{'EXIT',${format(worker)},enough}`,
    ])
  })

  it('are counted as dropped when there is no info', async () => {
    served.serve('counter', counter())
    const before = served.node.stats().drops.unhandled
    expect(await served.ask('S ! hello, gen_server:call(S, get)')).toBe('0')
    expect(served.node.stats().drops.unhandled).toBe(before + 1)
  })

  it('are read with the options of the server', async () => {
    const messages = new Arrivals<Term>()
    served.serve('counter', { info: messages.push }, { decode: 'elixir' })
    await served.ask('S ! #{name => <<"x">>, none => nil}')
    expect(await messages.next()).toEqual({ name: 'x', none: null })
  })
})

describe('the timeout of a server', () => {
  it('runs handleTimeout when no message comes, once', async () => {
    const elapsed = new Arrivals<string>()
    served.serve('counter', {
      cast: (_request, server) => server.timeoutAfter(1),
      handleTimeout: () => elapsed.push('elapsed'),
    })
    await served.ask('gen_server:cast(S, x)')
    expect(await elapsed.next()).toBe('elapsed')
    await served.ask('gen_server:cast(S, x)')
    expect(await elapsed.next()).toBe('elapsed')
    expect(elapsed.waiting).toBe(0)
  })

  it('comes to info as the atom timeout without handleTimeout', async () => {
    const messages = new Arrivals<Term>()
    served.serve('counter', { init: (server) => server.timeoutAfter(0), info: messages.push })
    expect(await messages.next()).toBe(atom('timeout'))
  })

  it('may be long, and is refused when it is no time', async () => {
    const elapsed = new Arrivals<string>()
    const server = served.serve('counter', {
      call: (_request, _from, self) => self.timeoutAfter(2 ** 32 - 1),
      handleTimeout: () => elapsed.push('elapsed'),
    })
    expect(await served.ask('gen_server:call(S, x)')).toBe('ok')
    const shorter = deferred<void>()
    served.serve(undefined, {
      init: (self) => self.timeoutAfter(20),
      handleTimeout: () => shorter.resolve(),
    })
    await withDeadline(shorter.promise, 'a shorter timeout')
    expect(elapsed.waiting).toBe(0)
    expect(() => server.timeoutAfter(-1)).toThrow(RangeError)
    expect(() => server.timeoutAfter('1' as never)).toThrow(TypeError)
  })

  it('is taken back by a message, but not by a request of sys', async () => {
    const elapsed = new Arrivals<string>()
    served.serve('counter', {
      call: (request: number, _from, server) => server.timeoutAfter(request),
      cast: () => undefined,
      handleTimeout: () => elapsed.push('elapsed'),
    })
    await served.ask('gen_server:call(S, 60000), gen_server:cast(S, x), sys:get_state(S)')
    await served.ask('gen_server:call(S, 40), sys:get_state(S)')
    expect(await elapsed.next()).toBe('elapsed')
    expect(elapsed.waiting).toBe(0)
  })
})
