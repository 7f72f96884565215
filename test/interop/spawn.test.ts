import {
  atom,
  callContext,
  ErlangError,
  type ErlangNode,
  equals,
  format,
  type MailboxProcess,
  type Pid,
  type Term,
  tuple,
} from 'beamlink'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { ErlNode } from '../helpers/erl-node.js'
import { startBeside } from '../helpers/local-node.js'
import { Arrivals, deferred, withDeadline } from '../helpers/waiting.js'

const spawned = `
  -module(spawned).
  -export([echo/1, crash/1, wait/0, say/1]).
  echo(To) -> To ! {here, self()}, receive {To, Message} -> To ! {echo, Message} end.
  crash(Reason) -> exit(Reason).
  wait() -> receive {stop, Reason} -> exit(Reason) end.
  say(Text) -> io:format("~ts", [Text]).`

let erl: ErlNode
let node: ErlangNode
/** Contexts of the exposed functions that have started. */
const started = new Arrivals<MailboxProcess>()
const aborted = new Arrivals<string>()

function running(): MailboxProcess {
  const self = callContext()?.self
  if (self === undefined) throw new Error('no context')
  return self
}

beforeAll(async () => {
  erl = await ErlNode.start()
  await erl.load(spawned)
  node = await startBeside(erl)
  node.expose('js', {
    async echo(to: Pid) {
      const self = running()
      await self.send(to, tuple(atom('here'), self.pid))
      for await (const message of self) await self.send(to, tuple(atom('echo'), message))
    },
    async wait() {
      const self = running()
      callContext()?.signal.addEventListener('abort', () => aborted.push(String(self.pid)))
      started.push(self)
      await self.receive()
    },
    async traps() {
      const self = running()
      self.trapExit = true
      started.push(self)
      const message = await self.receive()
      await self.send({ name: 'observer', node: erl.name }, message)
    },
    fails: () => {
      throw new RangeError('on purpose')
    },
    exits: (reason: Term) => {
      throw new ErlangError('ERR_ERL_REMOTE', 'on purpose', { reason, remoteClass: 'exit' })
    },
    links: (pid: Pid) => {
      running().link(pid)
      return running().receive()
    },
    leader: () => callContext()?.groupLeader ?? null,
  })
})
afterAll(async () => {
  await node.stop()
  await erl.stop()
})

/** Evaluates with `N` as the name of our node. */
function ask(expressions: string): Promise<string> {
  return erl.eval(`N = '${node.name}', ${expressions}`)
}

describe('spawnAt', () => {
  let self: MailboxProcess
  beforeEach(() => {
    self = node.spawn()
  })
  afterEach(() => self.exit())

  const next = (): Promise<Term> => withDeadline(self.receive(), 'a message')

  it('refuses options that make no sense', async () => {
    const spawnAt = (options: object) => node.spawnAt(erl.name, 'spawned', 'wait', [], options)
    await expect(spawnAt({ link: true })).rejects.toThrow('parent must be given')
    await expect(spawnAt({ parent: {}, link: true })).rejects.toThrow(TypeError)
    await expect(spawnAt({ links: true })).rejects.toThrow('did you mean "link"?')
    await expect(spawnAt({ parent: self, link: 1 })).rejects.toThrow('link must be a boolean')
    await expect(spawnAt({ groupLeader: 'user' })).rejects.toThrow('groupLeader must be a pid')
    self.exit()
    await expect(spawnAt({ parent: self, link: true })).rejects.toMatchObject({
      code: 'ERR_ERL_CLOSED',
    })
  })

  it('rejects an argument without Erlang form', async () => {
    const args = [(() => 1) as never]
    await expect(node.spawnAt(erl.name, 'spawned', 'crash', args)).rejects.toMatchObject({
      code: 'ERR_ERL_ENCODE',
    })
  })

  it('rejects when there is no such node', async () => {
    await expect(node.spawnAt('nobody@127.0.0.1', 'm', 'f')).rejects.toMatchObject({
      code: 'ERR_ERL_NODE_NOT_FOUND',
    })
  })

  it('gives a pid also for a function that does not exist, whose process ends with undef', async () => {
    const [pid, reference] = await node.spawnAt(erl.name, 'nothing', 'at_all', [1], {
      parent: self,
      monitor: true,
    })
    const down = format(await next())
    expect(down).toContain(`{'DOWN',${reference},process,${pid},{undef,[{nothing,at_all,[1],[]}`)
  })

  it('runs a function in a process of its own', async () => {
    const pid = await node.spawnAt(erl.name, 'spawned', 'echo', [self.pid])
    expect(equals(await next(), tuple(atom('here'), pid))).toBe(true)
    await node.send(pid, tuple(self.pid, 'hello'))
    expect(format(await next())).toBe('{echo,<<"hello">>}')
  })

  it('links from the beginning: the parent dies with the process', async () => {
    await node.spawnAt(erl.name, 'spawned', 'crash', [atom('boom')], { parent: self, link: true })
    expect(format(await withDeadline(self.whenEnded, 'the parent to end'))).toBe('boom')
  })

  it('links from the beginning: the process dies with the parent', async () => {
    const pid = await node.spawnAt(erl.name, 'spawned', 'wait', [], { parent: self, link: true })
    const watcher = node.spawn()
    const reference = watcher.monitor(pid)
    self.exit(atom('over'))
    const down = await withDeadline(watcher.receive(), 'the process to end')
    expect(format(down)).toBe(`{'DOWN',${reference},process,${pid},over}`)
    watcher.exit()
  })

  it('can unlink and demonitor what it has spawned', async () => {
    const [pid, reference] = await node.spawnAt(erl.name, 'spawned', 'wait', [], {
      parent: self,
      link: true,
      monitor: true,
    })
    self.unlink(pid)
    expect(self.demonitor(reference)).toBe(true)
    const other = self.monitor(pid)
    await node.send(pid, tuple(atom('stop'), atom('bang')))
    expect(format(await next())).toBe(`{'DOWN',${other},process,${pid},bang}`)
    expect(self.isAlive).toBe(true)
  })

  it('has nothing left of a process that was spawned too late', async () => {
    const controller = new AbortController()
    await node.connect(erl.name)
    const before = await erl.eval('length(processes())')
    const call = node.spawnAt(erl.name, 'spawned', 'wait', [], {
      parent: self,
      link: true,
      monitor: true,
      signal: controller.signal,
    })
    controller.abort(new Error('no longer'))
    await expect(call).rejects.toThrow('no longer')
    // The answer to a ping comes behind that to the request, and what it leads to is sent before.
    await node.ping(erl.name)
    await expect.poll(() => erl.eval('length(processes())')).toBe(before)
    expect(self.isAlive).toBe(true)
    expect(self.queueLength).toBe(0)
  })

  it('prints to the console of the peer, or to a group leader', async () => {
    const leader = node.spawn()
    await node.spawnAt(erl.name, 'spawned', 'say', ['hello'], { groupLeader: leader.pid })
    const request = await withDeadline(leader.receive(), 'a request')
    expect(format(request)).toContain('io_request')
    await node.spawnAt(erl.name, 'spawned', 'say', ['on the console'])
    await expect.poll(() => erl.output).toContain('on the console')
    leader.exit()
  })

  it('spawns at this node what is exposed', async () => {
    const [pid, reference] = await node.spawnAt(node.name, 'js', 'echo', [self.pid], {
      parent: self,
      link: true,
      monitor: true,
    })
    expect(format(await next())).toBe(`{here,${pid}}`)
    await self.send(pid, 7)
    expect(format(await next())).toBe('{echo,7}')
    self.trapExit = true
    self.exitSignal(pid, atom('kill'))
    const ends = [format(await next()), format(await next())].sort()
    expect(ends).toEqual([`{'DOWN',${reference},process,${pid},killed}`, `{'EXIT',${pid},killed}`])
  })
})

describe('what Erlang spawns here', () => {
  it('is a process that receives, and is alive until its function ends', async () => {
    expect(
      await ask(`P = spawn(N, js, echo, [self()]),
        receive {here, P} -> ok end,
        true = rpc:call(N, erlang, is_process_alive, [P]),
        P ! {some, "message"},
        receive {echo, M} -> exit(P, kill), M end`),
    ).toBe('{some,"message"}')
  })

  it.each([
    ['js, fails, []', '{{js_error,<<"RangeError">>,<<"on purpose">>},[{js,fails,0,[]}]}'],
    ['js, exits, [{shutdown, why}]', '{shutdown,why}'],
    ['js, leader, []', 'normal'],
    ['js, none, []', '{undef,[{js,none,[],[]}]}'],
  ])('spawn_monitor(N, %s) hears the reason of its end', async (call, reason) => {
    expect(
      await ask(`{P, M} = spawn_monitor(N, ${call}), receive {'DOWN', M, process, P, R} -> R end`),
    ).toBe(reason)
  })

  it('spawn_link dies with it, and it dies with the caller', async () => {
    expect(
      await ask(`process_flag(trap_exit, true), P = spawn_link(N, js, exits, [gone]),
        receive {'EXIT', P, R} -> R end`),
    ).toBe('gone')
    await ask('spawn(fun() -> spawn_link(N, js, wait, []), exit(enough) end)')
    const self = await started.next()
    expect(format(await withDeadline(self.whenEnded, 'its end'))).toBe('enough')
    await expect(self.receive()).rejects.toMatchObject({ code: 'ERR_ERL_CLOSED' })
    expect(await aborted.next()).toBe(String(self.pid))
  })

  it('spawn_opt and spawn_request give pids and references', async () => {
    expect(
      await ask(`{P, M} = spawn_opt(N, js, wait, [], [link, monitor, {priority, low}]),
        true = is_pid(P), unlink(P), exit(P, bang), receive {'DOWN', M, process, P, R} -> R end`),
    ).toBe('bang')
    await started.next()
    expect(
      await ask(`R = spawn_request(N, js, leader, [], [monitor]),
        receive {spawn_reply, R, ok, P} -> receive {'DOWN', R, process, P, E} -> E end end`),
    ).toBe('normal')
  })

  it.each([
    ['[{priority, max}, {min_heap_size, 300}, {max_heap_size, #{size => 0}}]', 'ok'],
    ['[{monitor, [{alias, demonitor}]}, {message_queue_data, off_heap}]', 'ok'],
    ['[monitr]', 'badopt'],
    ['[{link, true}]', 'badopt'],
    ['[{priority, highest}]', 'badopt'],
    ['[{min_heap_size, -1}]', 'badopt'],
  ])('spawn_request with %s is %s, as at a real node', async (options, outcome) => {
    const request = (peer: string) => `R = spawn_request(${peer}, js, leader, [], ${options}),
      receive {spawn_reply, R, ok, _} -> ok; {spawn_reply, R, error, E} -> E end`
    expect(await ask(request('N'))).toBe(outcome)
    expect(await ask(request('node()'))).toBe(outcome)
  })

  it('by proc_lib is the function that is meant', async () => {
    expect(
      await ask(`process_flag(trap_exit, true), P = proc_lib:spawn_link(N, js, exits, [why]),
        receive {'EXIT', P, R} -> R end`),
    ).toBe('why')
  })

  it('can link itself with others', async () => {
    expect(
      await ask(`process_flag(trap_exit, true), P = spawn(N, js, links, [self()]),
        P ! done, receive {'EXIT', P, R} -> R after 5000 -> none end`),
    ).toBe('normal')
  })

  it('can trap exits', async () => {
    const session = erl.session()
    await session.eval(`P = spawn('${node.name}', js, traps, [])`)
    await started.next()
    await session.eval('exit(P, stop_it)')
    expect(await erl.observed.next()).toMatch(/^\{'EXIT',<.*>,stop_it\}$/)
  })

  it('knows the group leader of the caller', async () => {
    expect(await ask('rpc:call(N, js, leader, []) =:= group_leader()')).toBe('true')
  })

  it('may end with a value that has no Erlang form while it waits for messages', async () => {
    const end = deferred<ErlangError>()
    node.expose('formless', {
      total() {
        running()
          .receive({ match: () => false })
          .catch(end.resolve)
        return { total: undefined }
      },
    })
    expect(await ask('rpc:call(N, formless, total, [])')).toContain('total: undefined has no')
    expect(await end.promise).toMatchObject({ code: 'ERR_ERL_CLOSED' })
    expect((await end.promise).message).toMatch(/has ended: a value without Erlang form/)
    expect(await ask('rpc:call(N, erlang, node, [])')).toBe(`'${node.name}'`)
  })

  it('as a cast keeps the room of its request until its function is done', async () => {
    const gate = deferred<void>()
    node.expose('gated', { wait: () => gate.promise })
    await ask('rpc:cast(N, gated, wait, []), rpc:call(N, erlang, node, [])')
    expect(node.stats().peers[erl.name]?.in).toBeGreaterThan(0)
    gate.resolve()
    await expect.poll(() => node.stats().peers[erl.name]?.in).toBe(0)
  })

  it('gives back the room of its request at once, however long it lives', async () => {
    await ask('[spawn(N, js, wait, []) || _ <- lists:seq(1, 10)], rpc:call(N, erlang, node, [])')
    const all = [...Array(10)].map(() => started.next())
    for (const self of await Promise.all(all)) {
      expect(node.stats().peers[erl.name]?.in).toBe(0)
      self.exit()
    }
  })
})
