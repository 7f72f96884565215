import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import {
  atom,
  type ErlangNode,
  isAtom,
  isTuple,
  type NodeOptions,
  type Term,
  tuple,
} from 'beamlink'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ErlNode } from '../helpers/erl-node.js'
import { freeze } from '../helpers/freeze.js'
import { startBeside } from '../helpers/local-node.js'
import { Arrivals, deferred, until, withDeadline } from '../helpers/waiting.js'

const mebibyte = 1024 * 1024
/** What may wait at the peer, unless a test says otherwise. */
const mark = 4 * mebibyte

let erl: ErlNode
let node: ErlangNode
beforeEach(async () => {
  erl = await ErlNode.start()
})
afterEach(async () => {
  await node.stop()
  await erl.stop()
})

async function start(options: Partial<NodeOptions>): Promise<void> {
  node = await startBeside(erl, options)
  await node.connect(erl.name)
}

/** More than the kernels of both sides take from us while nobody reads. */
const beyondKernel = 128
const blob = Buffer.alloc(mebibyte)

/** A process at the peer that counts what it gets, and tells when asked. */
function startCounter(): Promise<string> {
  return erl.eval(`
    register(counter, spawn(fun() ->
      (fun Count(N) ->
        receive
          {From, total} -> From ! {total, N}, Count(N);
          _ -> Count(N + 1)
        end
      end)(0)
    end)), ok`)
}

async function counted(): Promise<number> {
  // Through the same stream, so that all that was sent before is counted.
  await node.ping(erl.name)
  return Number(await erl.eval('counter ! {self(), total}, receive {total, N} -> N end'))
}

const counter = () => ({ name: 'counter', node: erl.name })

describe('sending to a peer that does not read', () => {
  it('waits, by default: who awaits is held up until it reads, and nothing is lost', async () => {
    await start({ maxQueuedBytes: mark })
    await startCounter()
    await freeze(erl)
    const held = deferred<void>()
    let most = 0
    const all = (async () => {
      for (let sent = 0; sent < beyondKernel; sent += 1) {
        const sending = node.send(counter(), blob)
        const { out = 0 } = node.stats().peers[erl.name] ?? {}
        most = Math.max(most, out)
        if (out > mark) held.resolve()
        await sending
      }
    })()
    await withDeadline(held.promise, 'the queue to be full')
    erl.signal('SIGCONT')
    await withDeadline(all, 'all to be sent')
    expect(most).toBeLessThan(mark + 2 * mebibyte)
    expect(await counted()).toBe(beyondKernel)
  })

  it("rejects with ERR_ERL_BUSY under 'fail', counts it, and recovers", async () => {
    await start({ maxQueuedBytes: mark, whenBusy: 'fail' })
    await startCounter()
    await freeze(erl)
    let sent = 0
    let failure: unknown
    while (failure === undefined && sent < beyondKernel) {
      try {
        await node.send(counter(), blob)
        sent += 1
        await new Promise(setImmediate)
      } catch (error) {
        failure = error
      }
    }
    expect(failure).toMatchObject({
      code: 'ERR_ERL_BUSY',
      message: expect.stringMatching(/bytes wait to be sent to .*, more than maxQueuedBytes/),
    })
    const busy = { code: 'ERR_ERL_BUSY' }
    await expect(node.rpc(erl.name, 'erlang', 'node')).rejects.toMatchObject(busy)
    await expect(node.call(counter(), 1)).rejects.toMatchObject(busy)
    await expect(node.rpcCast(erl.name, 'erlang', 'node')).rejects.toMatchObject(busy)
    expect(() => node.send(counter(), Symbol('no term') as never)).toThrow(TypeError)
    expect(node.stats().drops.busy).toBeGreaterThanOrEqual(1)
    erl.signal('SIGCONT')
    await node.drained(erl.name)
    expect(await node.rpc(erl.name, 'erlang', 'abs', [-1])).toBe(1)
    expect(await counted()).toBe(sent)
  })

  it("disconnects under 'disconnect', says why, and counts what was lost", async () => {
    await start({ maxQueuedBytes: mark, whenBusy: 'disconnect' })
    const down = until<[string, string]>(node, 'nodedown')
    await freeze(erl)
    while (node.peers.length > 0) {
      void node.send({ name: 'nobody', node: erl.name }, blob)
      await new Promise(setImmediate)
    }
    const [peer, reason] = await down
    expect(peer).toBe(erl.name)
    expect(reason).toMatch(/^\d+ bytes waited to be written, more than maxQueuedBytes$/)
    const { busy, unwritten } = node.stats().drops
    expect(busy).toBe(1)
    expect(unwritten).toBeGreaterThan(3)
    erl.signal('SIGCONT')
    expect(await node.ping(erl.name)).toBe(true)
  })

  it.each(['wait', 'fail', 'disconnect'] as const)(
    'lets a peer that reads take any amount, under %s',
    async (whenBusy) => {
      await start({ maxQueuedBytes: mark, whenBusy })
      await startCounter()
      for (let sent = 0; sent < 100; sent += 1) {
        await node.send(counter(), blob)
        if (whenBusy !== 'wait') await node.drained(erl.name)
      }
      expect(await counted()).toBe(100)
      expect(node.stats().drops).toMatchObject({ busy: 0, unwritten: 0 })
    },
  )
})

describe('drained, after disconnect, of what the peer has not read yet', () => {
  beforeEach(async () => {
    await start({})
    await freeze(erl)
    // Beyond the kernels, and so little that the peer reads it before the connection is ended by force.
    for (let sent = 0; sent < beyondKernel / 4; sent += 1) void node.send(counter(), blob)
  })

  it('resolves when it is written', async () => {
    const disconnected = node.disconnect(erl.name)
    const drained = node.drained(erl.name)
    erl.signal('SIGCONT')
    await withDeadline(drained, 'all to be written')
    const { unwritten = 0 } = node.stats().peers[erl.name] ?? {}
    expect(unwritten).toBe(0)
    await disconnected
    expect(node.stats().drops.unwritten).toBe(0)
  })

  it('waits for what is sent over the next connection, too', async () => {
    const disconnected = node.disconnect(erl.name)
    void node.send(counter(), blob)
    const drained = node.drained(erl.name)
    erl.signal('SIGCONT')
    await withDeadline(drained, 'all to be written')
    await disconnected
    expect(node.peers).toEqual([erl.name])
  })

  it('rejects with ERR_ERL_NOCONNECTION when it will not be', async () => {
    const disconnected = node.disconnect(erl.name)
    const drained = node.drained(erl.name)
    erl.signal('SIGKILL')
    await expect(drained).rejects.toMatchObject({ code: 'ERR_ERL_NOCONNECTION' })
    await disconnected
  })
})

describe('messages while the peer is dialled', () => {
  it("are refused under 'fail' when more wait than may", async () => {
    node = await startBeside(erl, { maxQueuedBytes: 1000, whenBusy: 'fail' })
    const first = node.send(counter(), Buffer.alloc(2000))
    await expect(node.send(counter(), 1)).rejects.toMatchObject({ code: 'ERR_ERL_BUSY' })
    await expect(node.rpc(erl.name, 'erlang', 'node')).rejects.toMatchObject({
      code: 'ERR_ERL_BUSY',
    })
    await first
    await node.drained(erl.name)
    expect(await node.rpc(erl.name, 'erlang', 'abs', [-1])).toBe(1)
  })
})

/** A process of the peer that sends numbered small messages to `name` of ours. */
function flood(name: string, messages: number, message = '{I, hello}'): Promise<string> {
  return erl.eval(`
    To = {${name}, '${node.name}'},
    spawn(fun() -> [To ! ${message} || I <- lists:seq(1, ${messages})] end),
    ok`)
}

function waitingBytes(): number {
  return node.stats().peers[erl.name]?.in ?? 0
}

function heapBytes(): number {
  setFlagsFromString('--expose-gc')
  runInNewContext('gc')()
  return process.memoryUsage().heapUsed
}

/** When the queue of a sleeping process no longer grows, although the sender goes on. */
async function whenFull(mark: number): Promise<void> {
  const full = deferred<void>()
  const watch = setInterval(() => {
    if (waitingBytes() >= mark) full.resolve()
  }, 5)
  await withDeadline(full.promise, 'the queue to be full').finally(() => clearInterval(watch))
}

function numberOf(message: Term): number {
  return isTuple(message, 2) ? Number(message[0]) : 0
}

describe('a process that sleeps while it is sent to', () => {
  const messages = 200_000

  it('slows the sender down in bounded memory, and loses none', async () => {
    await start({ maxQueuedBytes: mark })
    const self = node.spawn({ name: 'sleeper' })
    const before = heapBytes()
    await flood('sleeper', messages)
    await whenFull(mark)
    expect(heapBytes() - before).toBeLessThan(mark + 16 * mebibyte)
    expect(self.queueLength).toBeLessThan(messages / 4)
    for (let number = 1; number <= messages; number += 1) {
      const message = await self.receive({ timeoutMs: 10_000 })
      if (numberOf(message) !== number) expect(message).toBe(number)
    }
    expect(self.queueLength).toBe(0)
    expect(waitingBytes()).toBeLessThan(mark / 8)
  })

  it('can call the peer from inside its loop, however little may wait', async () => {
    await start({ maxQueuedBytes: mebibyte })
    const self = node.spawn({ name: 'caller' })
    await flood('caller', messages)
    await whenFull(mebibyte)
    for (let number = 1; number <= messages; number += 1) {
      const message = await self.receive({ timeoutMs: 10_000 })
      if (numberOf(message) !== number) expect(message).toBe(number)
      if (number % 20_000 === 1) {
        expect(await node.rpc(erl.name, 'erlang', 'abs', [-number])).toBe(number)
      }
    }
  })

  it('can call the peer just before its queue is empty enough to be read again', async () => {
    await start({ maxQueuedBytes: mebibyte })
    const self = node.spawn({ name: 'caller' })
    await flood('caller', messages)
    await whenFull(mebibyte)
    while (waitingBytes() >= mebibyte / 2) await self.receive()
    expect(await node.rpc(erl.name, 'erlang', 'abs', [-1])).toBe(1)
  })

  it('can wait for one message behind all the others', async () => {
    await start({ maxQueuedBytes: mebibyte })
    const self = node.spawn({ name: 'seeker' })
    await flood('seeker', messages)
    await whenFull(mebibyte)
    // Its sender may be held up, too, until we read on.
    const sent = erl.eval(`{seeker, '${node.name}'} ! last`)
    const match = (message: Term) => isAtom(message, 'last')
    expect(await self.receive({ match, timeoutMs: 10_000 })).toBe(atom('last'))
    await sent
    expect(self.queueLength).toBeGreaterThan(2_000)
    expect(await self.receive()).toEqual(tuple(1, atom('hello')))
  })

  it('gives its credit back when it ends: the peer is heard again', async () => {
    await start({ maxQueuedBytes: mebibyte })
    const self = node.spawn({ name: 'quitter' })
    await flood('quitter', 20_000)
    await whenFull(mebibyte)
    const all = until(node, 'drop', () => {
      const { unknownName, unknownProcess } = node.stats().drops
      return unknownName + unknownProcess === 20_000
    })
    self.exit()
    await all
    expect(await erl.eval(`net_adm:ping('${node.name}')`)).toBe('pong')
  })
})

describe('what never comes to an end does not keep its peer from being heard', () => {
  async function expectHeard(): Promise<void> {
    const self = node.spawn({ name: 'hearing' })
    await erl.eval(`{hearing, '${node.name}'} ! hello`)
    expect(await self.receive({ timeoutMs: 10_000 })).toBe(atom('hello'))
    expect(waitingBytes()).toBeLessThan(mebibyte / 4)
  }

  it('when its callers have given up', async () => {
    await start({ maxQueuedBytes: mebibyte })
    node.expose('m', { hang: () => new Promise(() => undefined) })
    await erl.eval(`
      B = binary:copy(<<0>>, 200000),
      [rpc:call('${node.name}', m, hang, [B], 100) || _ <- lists:seq(1, 8)],
      ok`)
    await expectHeard()
  })

  it('when it was a handler, or a callback of a server, whose process has been killed', async () => {
    await start({ maxQueuedBytes: mebibyte })
    const begun = new Arrivals<void>()
    const hang = () => {
      begun.push()
      return new Promise<void>(() => undefined)
    }
    const processes = [node.register('handler', hang), node.serve('server', { cast: hang })]
    await erl.eval(`
      B = binary:copy(<<0>>, 600000),
      {handler, '${node.name}'} ! B,
      gen_server:cast({server, '${node.name}'}, B)`)
    for (const _ of processes) await begun.next('a message')
    expect(waitingBytes()).toBeGreaterThan(mebibyte)
    for (const { pid } of processes) node.spawn().exitSignal(pid, atom('kill'))
    await expectHeard()
  })
})
