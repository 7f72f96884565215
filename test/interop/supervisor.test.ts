import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import {
  type Atom,
  atom,
  callContext,
  ErlangError,
  type ErlangNode,
  format,
  type MailboxProcess,
  type Term,
  tuple,
} from 'beamlink'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { ErlNode, type ErlSession } from '../helpers/erl-node.js'
import { startBeside } from '../helpers/local-node.js'
import { Arrivals, deferred, withDeadline } from '../helpers/waiting.js'

/** The module as the package brings it. */
const beamlink = readFileSync(createRequire(__filename).resolve('beamlink/beamlink.erl'), 'utf8')

const sup = `
  -module(sup).
  -behaviour(supervisor).
  -export([start/2, init/1]).
  start(Flags, Children) ->
    {ok, Pid} = supervisor:start_link(sup, {Flags, Children}),
    unlink(Pid),
    Pid.
  init(Spec) -> {ok, Spec}.`

let erl: ErlNode
let node: ErlangNode
let session: ErlSession
/** Processes that have started as workers. */
const workers = new Arrivals<MailboxProcess>()

function running(): MailboxProcess {
  const self = callContext()?.self
  if (self === undefined) throw new Error('no context')
  return self
}

/** A worker that does what its messages say. */
async function work(self: MailboxProcess) {
  workers.push(self)
  for await (const message of self) {
    if (format(message) === 'crash') throw new RangeError('told to')
    if (format(message) === 'stop') return
  }
}

beforeAll(async () => {
  erl = await ErlNode.start()
  await erl.load(beamlink)
  await erl.load(sup)
  node = await startBeside(erl)
  node.expose('workers', {
    /** Is the process itself. */
    async run(fails: Term) {
      const self = running()
      if (fails === true) throw new RangeError('no init')
      callContext()?.initAck()
      await work(self)
    },
    /** Starts the process and returns it. */
    start: () => node.spawn(work),
    idles() {
      callContext()?.initAck()
      return running().receive()
    },
    startIdle: () => node.spawn(),
    startNamed: (name: Atom) => tuple(atom('ok'), node.spawn({ name }).pid),
    startDead: () => {
      const dead = node.spawn()
      dead.exit(atom('stillborn'))
      return dead
    },
    async trapping() {
      const self = running()
      self.trapExit = true
      callContext()?.initAck()
      workers.push(self)
      const exit = await self.receive()
      await self.send({ name: 'observer', node: erl.name }, exit)
      throw new ErlangError('ERR_ERL_REMOTE', '', { reason: atom('shutdown'), remoteClass: 'exit' })
    },
    returns: (value: Term) => value,
    nothing: () => undefined,
    never: () => new Promise(() => undefined),
    acksTwice: () => {
      callContext()?.initAck(tuple(atom('ok'), running().pid, atom('info')))
      callContext()?.initAck(atom('ignored'))
      return running().receive()
    },
    acksNothing: () => callContext()?.initAck(),
    /** Without beamlink.erl: links with who has called, by rpc. */
    linked: () => {
      const self = node.spawn(work)
      self.link(callContext()?.from ?? self.pid)
      return tuple(atom('ok'), self.pid)
    },
  })
})
afterAll(async () => {
  await node.stop()
  await erl.stop()
})
beforeEach(() => {
  session = erl.session()
})

/** Evaluates in a process that traps exits, with `N` as the name of our node. */
function ask(expressions: string): Promise<string> {
  return erl.eval(`process_flag(trap_exit, true), N = '${node.name}', ${expressions}`)
}

const nothingElse = 'receive Other -> {other, Other} after 0 -> nothing end'

describe('beamlink:start_link that does not start', () => {
  it.each([
    ['run, [true]', '{error,{{js_error,<<"RangeError">>,<<"no init">>},[{workers,run,1,[]}]}}'],
    ['missing, [1]', '{error,{undef,[{workers,missing,[1],[]}]}}'],
    ['returns, [ignore]', 'ignore'],
    ['returns, [{error, why}]', '{error,why}'],
    ['returns, [42]', '{error,{bad_return_value,42}}'],
    ['nothing, []', '{error,normal}'],
    ['startDead, []', '{error,stillborn}'],
  ])('workers, %s gives %s', async (call, result) => {
    expect(await ask(`beamlink:start_link(N, workers, ${call})`)).toBe(result)
  })

  it('leaves no message behind, nor a link', async () => {
    expect(
      await ask(`beamlink:start_link(N, workers, returns, [ignore]),
        rpc:call(N, erlang, node, []), {${nothingElse}, process_info(self(), links)}`),
    ).toMatch(/^\{nothing,\{links,\[/)
  })

  it('gives up after its timeout, and leaves no process behind', async () => {
    const before = node.stats().processes
    expect(
      await ask(`{error, timeout} = beamlink:start_link(N, workers, never, [], 50),
        rpc:call(N, erlang, node, []), ${nothingElse}`),
    ).toBe('nothing')
    expect(node.stats().processes).toBe(before)
  })

  it('ends what was started too late', async () => {
    const gate = deferred<void>()
    const late = node.spawn()
    node.expose('late', {
      async start() {
        await gate.promise
        return late
      },
    })
    expect(
      await ask(`Result = beamlink:start_link(N, late, start, [], 1), {Result, ${nothingElse}}`),
    ).toBe('{{error,timeout},nothing}')
    gate.resolve()
    expect(format(await withDeadline(late.whenEnded, 'its end'))).toBe('killed')
  })

  it('hears why when the reason has no Erlang form', async () => {
    node.expose('odd', { start: () => () => 1 })
    expect(await ask('beamlink:start_link(N, odd, start, [])')).toContain('{error,{js_error,')
  })

  it('gives noconnection for a node that is not there', async () => {
    expect(await ask("beamlink:start_link('nobody@127.0.0.1', workers, start, [])")).toBe(
      '{error,noconnection}',
    )
  })
})

describe('beamlink:start_link', () => {
  it.each(['idles, []', 'startIdle, []', 'startNamed, [named]'])(
    'workers, %s gives the pid of a process that is linked',
    async (call) => {
      expect(
        await ask(`{ok, P} = beamlink:start_link(N, workers, ${call}),
        {links, Links} = process_info(self(), links), true = lists:member(P, Links),
        exit(P, bang), receive {'EXIT', P, bang} -> ${nothingElse} end`),
      ).toBe('nothing')
    },
  )

  it('takes the first answer of the function, whatever it is', async () => {
    expect(
      await ask(`{ok, P, info} = beamlink:start_link(N, workers, acksTwice, []),
        true = rpc:call(N, erlang, is_process_alive, [P]), exit(P, kill), ${nothingElse}`),
    ).toBe('nothing')
  })

  it('tells of a process that is over at once', async () => {
    expect(
      await ask(`{ok, P} = beamlink:start_link(N, workers, acksNothing, []),
        receive {'EXIT', P, R} -> R end`),
    ).toBe('normal')
  })

  it('waits until the init of a server is done, and hears of one that fails', async () => {
    node.expose('servers', {
      good: () => node.serve(undefined, { init: async () => undefined, call: () => 'good' }),
      bad: () =>
        node.serve(undefined, {
          init: async () => {
            throw new ErlangError('ERR_ERL_REMOTE', '', { reason: atom('bad_init') })
          },
        }),
    })
    expect(
      await ask(`{ok, P} = beamlink:start_link(N, servers, good, []), gen_server:call(P, hello)`),
    ).toBe('<<"good">>')
    expect(await ask('beamlink:start_link(N, servers, bad, [])')).toContain('bad_init')
  })
})

describe("a supervisor's JavaScript child", () => {
  afterEach(() => session.eval('exit(Sup, kill)'))

  /** Starts a supervisor, bound to `Sup`, with one child. */
  async function supervise(mfa: string, options = ''): Promise<void> {
    await session.eval(`N = '${node.name}',
      Sup = sup:start(#{intensity => 10, period => 1}, [#{id => child, start => ${mfa} ${options}}]),
      Child = fun() -> {_, P, _, _} = lists:keyfind(child, 1, supervisor:which_children(Sup)), P end`)
  }

  it.each([
    ['the function itself', '{beamlink, start_link, [N, workers, run, [false]]}'],
    ['what the function starts', '{beamlink, start_link, [N, workers, start, []]}'],
    ['linked by rpc, without beamlink.erl', '{rpc, call, [N, workers, linked, []]}'],
  ])('%s is restarted when it crashes, and stopped with its supervisor', async (_what, mfa) => {
    await supervise(mfa)
    const first = await workers.next()
    expect(await session.eval('Child()')).toMatch(numbersOf(first))
    await node.send(first.pid, atom('crash'))
    const second = await workers.next()
    expect(format(await first.whenEnded)).toContain('told to')
    expect(await session.eval('Child()')).toMatch(numbersOf(second))
    await session.eval('gen_server:stop(Sup)')
    expect(format(await withDeadline(second.whenEnded, 'the end'))).toBe('shutdown')
  })

  it('is restarted when it is killed', async () => {
    await supervise('{beamlink, start_link, [N, workers, start, []]}')
    const first = await workers.next()
    await session.eval('exit(Child(), kill)')
    await workers.next()
    expect(format(await first.whenEnded)).toBe('killed')
  })

  it('is started again when the connection to its node was lost', async () => {
    await supervise('{beamlink, start_link, [N, workers, start, []]}')
    const first = await workers.next()
    await node.disconnect(erl.name)
    expect(format(await withDeadline(first.whenEnded, 'the end'))).toBe('noconnection')
    const second = await workers.next()
    expect(await session.eval('Child()')).toMatch(numbersOf(second))
  })

  it('that is transient is not restarted when it ends as it should', async () => {
    await supervise('{beamlink, start_link, [N, workers, run, [false]]}', ', restart => transient')
    const self = await workers.next()
    await node.send(self.pid, atom('stop'))
    expect(format(await self.whenEnded)).toBe('normal')
    await expect.poll(() => session.eval('Child()')).toBe('undefined')
  })

  it('that traps exits can tidy up before it ends', async () => {
    await supervise('{beamlink, start_link, [N, workers, trapping, []]}', ', shutdown => 5000')
    await workers.next()
    expect(await session.eval('supervisor:terminate_child(Sup, child)')).toBe('ok')
    expect(await erl.observed.next()).toMatch(/^\{'EXIT',<.*>,shutdown\}$/)
  })

  it('that does not end in time is killed', async () => {
    node.expose('stubborn', {
      run: () => {
        const self = running()
        self.trapExit = true
        callContext()?.initAck()
        workers.push(self)
        return new Promise(() => undefined)
      },
    })
    await supervise('{beamlink, start_link, [N, stubborn, run, []]}', ', shutdown => 20')
    const self = await workers.next()
    expect(await session.eval('supervisor:terminate_child(Sup, child)')).toBe('ok')
    expect(format(await self.whenEnded)).toBe('killed')
  })

  it('that does not start makes start_child fail', async () => {
    await session.eval('Sup = sup:start(#{}, [])')
    expect(
      await session.eval(`supervisor:start_child(Sup,
        #{id => bad, start => {beamlink, start_link, ['${node.name}', workers, run, [true]]}})`),
    ).toContain('{js_error,<<"RangeError">>,<<"no init">>}')
  })
})

/** A pid of ours as Erlang prints it, with a number of its own for our node. */
function numbersOf({ pid }: MailboxProcess): RegExp {
  return new RegExp(`^<\\d+\\.${pid.id}\\.${pid.serial}>$`)
}
