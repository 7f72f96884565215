import { inspect } from 'node:util'
import {
  atom,
  ErlangError,
  type ErlangNode,
  type HandlerFailure,
  isTagged,
  type Pid,
  RawTerm,
  type Term,
  tuple,
} from 'beamlink'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ErlNode } from '../helpers/erl-node.js'
import { startBeside } from '../helpers/local-node.js'
import { pairOf } from '../helpers/pair.js'
import { deferred, until, withDeadline } from '../helpers/waiting.js'

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

describe('spawn refuses', () => {
  it.each([
    [42, 'options must be an object, got 42 (number)'],
    [{ nmae: 'x' }, 'unknown option "nmae" of spawn; did you mean "name"?'],
    [{ name: '' }, 'name must be a string that is not empty'],
    [{ decode: { floats: 'x' } }, 'floats must be one of'],
  ])('%o', (bad, message) => {
    const { processes } = node.stats()
    expect(() => node.spawn(bad as never)).toThrow(message)
    expect(() => node.spawn(() => undefined, bad as never)).toThrow(message)
    expect(node.stats().processes).toBe(processes)
  })

  it('a name that is taken, and leaves no process behind', () => {
    node.spawn({ name: 'taken' })
    const { processes } = node.stats()
    expect(() => node.spawn({ name: 'taken' })).toThrow(RangeError)
    expect(() => node.spawn().register('taken')).toThrow(RangeError)
    expect(node.stats().processes).toBe(processes + 1)
  })

  it('a node that has stopped', async () => {
    const other = await startBeside(erl)
    const self = other.spawn()
    await other.stop()
    expect(() => other.spawn()).toThrow(expect.objectContaining({ code: 'ERR_ERL_CLOSED' }))
    expect(await self.whenEnded).toEqual(atom('shutdown'))
    await expect(self.send(self.pid, 1)).rejects.toMatchObject({ code: 'ERR_ERL_CLOSED' })
  })
})

describe('a process', () => {
  it('has a pid that nobody else has, and a name if it wants', async () => {
    const self = node.spawn({ name: 'spawned' })
    expect([self.name, self.node, self.isAlive]).toEqual(['spawned', node.name, true])
    expect(node.whereis('spawned')).toBe(self.pid)
    expect(self.unregister()).toBe(true)
    expect(self.unregister()).toBe(false)
    expect(node.whereis('spawned')).toBeUndefined()
    self.register(atom('renamed'))
    expect(() => self.register('twice')).toThrow(RangeError)
    const remote = `rpc:call('${node.name}', erlang, whereis, [renamed])`
    expect(await erl.eval(`P = ${remote}, rpc:call(node(P), erlang, is_process_alive, [P])`)).toBe(
      'true',
    )
    self.exit()
    expect(await erl.eval(remote)).toBe('undefined')
    const pids = Array.from({ length: 1_000 }, () => String(node.spawn().pid))
    expect(new Set(pids).size).toBe(1_000)
  })

  it('shows itself by its pid and name', () => {
    const self = node.spawn({ name: 'shown' })
    expect(inspect(self)).toBe(`MailboxProcess ${self.pid} 'shown'`)
    self.exit()
    expect(inspect(self)).toBe(`MailboxProcess ${self.pid} (ended)`)
  })

  it('that answers itself for ever leaves the event loop its turns', async () => {
    let count = 0
    const self = node.register('for_ever', (message) => {
      count += 1
      void self.send(self.pid, message)
    })
    void self.send(self.pid, 1)
    await withDeadline(new Promise((resolve) => setTimeout(resolve, 1)), 'a timer')
    self.exit()
    expect(count).toBeGreaterThan(0)
  })

  it('sends in its own name, and receives what Erlang sends to its pid', async () => {
    const { self, theirs, run, next } = await pairOf(node, erl)
    await self.send(theirs, tuple(self.pid, 'hello'))
    expect(await run('receive {Js, Text} -> Js ! {self(), Text}, ok end')).toBe('ok')
    expect(await next()).toBe(`{${theirs},<<"hello">>}`)
    expect(() => self.send('' as never, 1)).toThrow(TypeError)
  })

  it('receives selectively, and keeps the others in order', async () => {
    const { self, run } = await pairOf(node, erl)
    await run('[Js ! {item, N} || N <- lists:seq(1, 1000)], Js ! {reply, 7}, ok')
    const reply = await self.receive({ match: (message) => isTagged(message, 'reply', 2) })
    expect(reply).toMatchObject({ 1: 7 })
    for (let i = 1; i <= 1_000; i += 1) expect(await self.receive()).toMatchObject({ 1: i })
  })

  it('can take its messages as bytes, and forward them unchanged', async () => {
    const raw = node.spawn({ decode: 'raw', name: 'raw_inbox' })
    const { theirs, run } = await pairOf(node, erl)
    await run(`{raw_inbox, '${node.name}'} ! {1.0, <<1:3>>}, ok`)
    const message = await raw.receive()
    expect(message).toBeInstanceOf(RawTerm)
    await raw.send(theirs, message)
    expect(await run('receive M -> M end')).toBe('{1.0,<<1:3>>}')
  })

  it('can be iterated over, until Erlang ends it', async () => {
    const { self, run } = await pairOf(node, erl)
    await run('[Js ! N || N <- [1, 2, 3]], exit(Js, enough)')
    const seen: Term[] = []
    for await (const message of self) seen.push(message)
    expect(await self.whenEnded).toEqual(atom('enough'))
    expect(seen).toEqual(seen.slice(0, 3))
  })
})

describe('a process that runs a function', () => {
  /** The reason with which Erlang sees a function end. */
  async function reasonInErlang(run: () => unknown): Promise<string> {
    const { run: evaluate } = await pairOf(node, erl)
    const go = deferred<void>()
    const self = node.spawn(
      async () => {
        await go.promise
        return run()
      },
      { name: 'running' },
    )
    await evaluate(`R = monitor(process, {running, '${node.name}'}), put(ref, R), Js ! ok`)
    await node.rpc(erl.name, 'erlang', 'node', [])
    expect(self.isAlive).toBe(true)
    go.resolve()
    return evaluate('R = get(ref), receive {_, R, _, _, Reason} -> Reason after 5000 -> late end')
  }

  it('ends with it, normally', async () => {
    expect(await reasonInErlang(() => 42)).toBe('normal')
  })

  it.each<[string, () => never, string]>([
    [
      'an error of JavaScript',
      () => {
        throw new RangeError('no such thing')
      },
      '{{js_error,<<"RangeError">>,<<"no such thing">>},[]}',
    ],
    [
      'what is no error',
      () => {
        throw 'text'
      },
      '{{js_error,<<"string">>,<<"text">>},[]}',
    ],
    ['a failed call', () => fail('error'), '{badarg,[]}'],
    ['an exit', () => fail('exit'), 'badarg'],
    ['a throw', () => fail('throw'), '{{nocatch,badarg},[]}'],
  ])('ends with %s', async (_, run, reason) => {
    expect(await reasonInErlang(run)).toBe(reason)
  })

  it('ends at once with exit, whatever the function does then', async () => {
    const self = node.spawn((me) => {
      me.exit(atom('early'))
      throw new Error('late')
    })
    const [failure] = await until(node, 'handlerError')
    expect(await self.whenEnded).toEqual(atom('early'))
    expect((failure as HandlerFailure).error).toMatchObject({ message: 'late' })
  })

  it('starts after whoever spawned it has linked and monitored', async () => {
    const watcher = node.spawn()
    watcher.trapExit = true
    const child = node.spawn(() => {
      throw new Error('at once')
    })
    watcher.link(child.pid)
    const reference = watcher.monitor(child.pid)
    const [first, second] = [await watcher.receive(), await watcher.receive()]
    const tags = [first, second].map((message) => String((message as { 0: unknown })[0]))
    expect(tags.sort()).toEqual(['DOWN', 'EXIT'])
    expect([first, second]).toContainEqual(expect.objectContaining({ 1: reference }))
  })

  it('is told by its receive that it was killed, which is nobody else’s business', async () => {
    const pair = await pairOf(node, erl)
    const failures: HandlerFailure[] = []
    const keep = (failure: HandlerFailure) => failures.push(failure)
    node.on('handlerError', keep)
    const told = deferred<ErlangError>()
    const self = node.spawn(async (me) => {
      await me.receive().catch((error) => {
        told.resolve(error)
        throw error
      })
    })
    void pair.self.send(pair.theirs, self.pid)
    await pair.run('receive Pid -> exit(Pid, kill) end')
    const error = await withDeadline(told.promise, 'the end of the process')
    expect(error).toMatchObject({ code: 'ERR_ERL_CLOSED', reason: atom('killed') })
    await new Promise(setImmediate)
    node.off('handlerError', keep)
    expect(failures).toEqual([])
  })

  it('tells handlerError what it threw', async () => {
    const failure = until(node, 'handlerError')
    const self = node.spawn(() => {
      throw new Error('oops')
    })
    const [{ error, process, message }] = (await failure) as [HandlerFailure]
    expect([(error as Error).message, process === self, message]).toEqual(['oops', true, undefined])
  })

  it('does not run when it has ended before', async () => {
    let ran = false
    const self = node.spawn(() => {
      ran = true
    })
    self.exit()
    await new Promise(setImmediate)
    expect(ran).toBe(false)
  })

  function fail(remoteClass: 'error' | 'exit' | 'throw'): never {
    const reason = atom('badarg')
    throw new ErlangError('ERR_ERL_REMOTE', 'as a call fails', { reason, remoteClass })
  }
})

describe('the mailbox of a process', () => {
  it('answers ten thousand requests of Erlang in order', async () => {
    const echo = node.spawn(
      async (self) => {
        for await (const message of self) {
          if (!isTagged(message, 'echo', 3)) return
          await self.send(message[1] as Pid, message[2])
        }
      },
      { name: 'echo' },
    )
    const rounds = `[begin {echo, N} ! {echo, self(), I}, receive I -> I end end || I <- lists:seq(1, 1000)]`
    const sum = `lists:sum(begin N = '${node.name}', ${rounds} end)`
    expect(await erl.eval(sum)).toBe('500500')
    await erl.eval(`{echo, '${node.name}'} ! stop`)
    expect(await echo.whenEnded).toEqual(atom('normal'))
  })
})
