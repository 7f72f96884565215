import { beforeEach, describe, expect, it } from 'vitest'
import { Operation } from '../../lib/native/contract.js'
import { defaultDecodeOptions } from '../../lib/native/options.js'
import { AbortListeners } from '../../lib/node/abort-listeners.js'
import { Calls, resultOf } from '../../lib/node/calls.js'
import type { NodeCore } from '../../lib/node/core.js'
import { Deadlines } from '../../lib/node/deadlines.js'
import { Drops } from '../../lib/node/drops.js'
import { MailboxProcess } from '../../lib/node/process/mailbox-process.js'
import { Processes } from '../../lib/node/process/processes.js'
import { Seekers } from '../../lib/node/process/seekers.js'
import { ExposedTable } from '../../lib/otp/rpc/exposed.js'
import { OwnRexes } from '../../lib/otp/rpc/own-rex.js'
import { RpcCall } from '../../lib/otp/rpc/rpc.js'
import { RpcServer } from '../../lib/otp/rpc/rpc-server.js'
import { SpawnCall, type SpawnRequest } from '../../lib/otp/rpc/spawn-call.js'
import type { SpawnedProcess } from '../../lib/otp/rpc/spawned-process.js'
import { Atom, atom } from '../../lib/term/atom.js'
import { Pid } from '../../lib/term/pid.js'
import { Reference } from '../../lib/term/reference.js'
import type { Term } from '../../lib/term/term.js'
import { tuple } from '../../lib/term/tuple.js'
import { frameOf, RecordedRoute } from '../helpers/recorded-route.js'
import { identity } from '../helpers/routed-node.js'

const caller = identity.nextPid()
const leader = identity.nextPid()
const shop = Atom.intern('shop@127.0.0.1')
const child = new Pid(shop, 90, 0, 7)
const theirs = new Pid(shop, 87, 0, 7)
const reference = new Reference(shop, [1, 2, 3], 7)

let core: NodeCore
let route: RecordedRoute
let parent: MailboxProcess
let dropped: string[]
beforeEach(() => {
  dropped = []
  route = new RecordedRoute(shop.name)
  const drops = new Drops(({ reason }) => dropped.push(reason))
  const processes = new Processes(identity, undefined, {
    route: () => route,
    send: () => Promise.resolve(),
  })
  const mailboxes = {
    deadlines: new Deadlines(),
    aborts: new AbortListeners(),
    seekers: new Seekers(),
    decode: defaultDecodeOptions,
    drops,
  }
  const calls = new Calls(identity, caller)
  core = { identity, calls, processes, drops, mailboxes, decode: defaultDecodeOptions } as NodeCore
  parent = new MailboxProcess(identity.nextPid(), processes, mailboxes)
  processes.add(parent)
})

function spawnCall(request: Partial<SpawnRequest> = {}, signal?: AbortSignal): SpawnCall {
  const call = new SpawnCall(core, shop.name, {
    module: atom('m'),
    function: atom('f'),
    args: [1, 2],
    encode: undefined,
    parent,
    links: true,
    monitors: true,
    groupLeader: leader,
    ...request,
  })
  core.calls.start(call, { timeoutMs: 1_000, signal }, route)
  return call
}

describe('a process spawned at a peer', () => {
  it('is asked for in the name of its parent', () => {
    const call = spawnCall()
    expect(route.sent).toEqual([
      {
        operation: Operation.SpawnRequest,
        fields: [
          call.reference,
          parent.pid,
          leader,
          tuple(atom('m'), atom('f'), 2),
          [atom('link'), atom('monitor')],
        ],
        payload: [1, 2],
      },
    ])
  })

  it('is notsup at a peer without spawn requests, and nothing is sent', async () => {
    route = new RecordedRoute(shop.name, { spawns: false })
    const call = spawnCall()
    await expect(resultOf(call)).rejects.toMatchObject({
      code: 'ERR_ERL_REMOTE',
      reason: atom('notsup'),
      message: expect.stringContaining(
        'm:f/2 cannot be spawned at shop@127.0.0.1: it has no spawn',
      ),
    })
    expect([route.sent, core.calls.size]).toEqual([[], 0])
  })

  it('that cannot be made fails with the reason of the peer', async () => {
    const call = spawnCall()
    call.spawnReply(atom('system_limit'))
    await expect(resultOf(call)).rejects.toMatchObject({ reason: atom('system_limit') })
    expect([core.calls.size, parent.links]).toEqual([0, undefined])
  })

  it('that comes too late loses its monitor and ends as abandoned', async () => {
    const controller = new AbortController()
    const call = spawnCall({}, controller.signal)
    controller.abort(new Error('enough'))
    await expect(resultOf(call)).rejects.toThrow('enough')
    call.spawnReply(child)
    expect(route.sent.slice(1)).toEqual([
      { operation: Operation.Demonitor, fields: [parent.pid, child, call.reference] },
      {
        operation: Operation.Exit,
        fields: [parent.pid, child],
        payload: atom('abandoned'),
      },
    ])
    expect([core.calls.size, parent.links]).toEqual([0, undefined])
  })

  it('whose parent has ended meanwhile hears noproc', async () => {
    const call = spawnCall()
    parent.exit()
    call.spawnReply(child)
    expect(await resultOf(call)).toBe(child)
    expect(route.sent.slice(1)).toEqual([
      { operation: Operation.Demonitor, fields: [parent.pid, child, call.reference] },
      { operation: Operation.Exit, fields: [parent.pid, child], payload: atom('noproc') },
    ])
  })
})

describe('a call whose output is heard, to a peer without spawn requests', () => {
  it('names the group leader to rex', () => {
    route = new RecordedRoute(shop.name, { spawns: false })
    const request = {
      module: atom('m'),
      function: atom('f'),
      args: [],
      decode: defaultDecodeOptions,
      encode: undefined,
      kill: false,
      isHeard: true,
    }
    const call = new RpcCall(core, shop.name, leader, request)
    core.calls.start(call, { timeoutMs: 1_000, signal: undefined }, route)
    const applied = tuple(atom('call'), atom('m'), atom('f'), [], leader)
    expect(route.sent[0]?.payload).toEqual(
      tuple(atom('$gen_call'), tuple(caller, call.reference), applied),
    )
  })
})

describe('a process of ours for many calls', () => {
  it.each([
    ['is spawned at a peer that answers to aliases', {}, 1],
    ['is not at one without them', { aliases: false }, 0],
    ['is not at one without spawn requests', { spawns: false }, 0],
  ])('%s', (_what, features, spawned) => {
    route = new RecordedRoute(shop.name, features)
    const rexes = new OwnRexes(core, leader, () => undefined)
    for (let i = 0; i < 200; i++) expect(rexes.at(route)).toBe(undefined)
    const sent = route.sent.filter(({ operation }) => operation === Operation.SpawnRequest)
    expect([sent.length, route.sent.length]).toEqual([spawned, spawned])
  })
})

describe('a spawn request', () => {
  const entry = tuple(atom('js'), atom('f'), 0) as Term

  function requested(fields: readonly unknown[], payload: readonly Term[] = []): void {
    const server = new RpcServer(core, new ExposedTable(), () => undefined, 10)
    const frame = frameOf(Operation.SpawnRequest, fields as readonly Term[], payload)
    server.spawnRequested(Object.assign(frame, { charge: 10 }), route)
  }

  it.each([
    ['of a process of another node', [reference, caller, theirs, entry, []]],
    ['of nothing', [reference, theirs, theirs, atom('js'), []]],
  ])('%s is refused with badarg, and counted', (_what, fields) => {
    requested(fields)
    expect(route.sent).toEqual([
      { operation: Operation.SpawnReply, fields: [reference, fields[1], 0, atom('badarg')] },
    ])
    expect([dropped, route.consumedBytes]).toEqual([['unsupported'], 10])
  })

  it('whose reference is none cannot be answered, but is counted', () => {
    requested([7, theirs, theirs, entry, []])
    expect([route.sent, dropped, route.consumedBytes]).toEqual([[], ['unsupported'], 10])
  })

  it('with options that nobody knows, or none, is answered all the same', () => {
    requested([reference, theirs, 'no pid', entry, [tuple(atom('priority'), atom('low'))]])
    requested([reference, theirs, theirs, entry, atom('options')])
    expect(route.sent.map(({ operation, fields }) => [operation, fields[2]])).toEqual([
      [Operation.SpawnReply, 0],
      [Operation.SpawnReply, 0],
    ])
    expect(core.processes.size).toBe(1)
  })
})

describe('what a hung function was called with is given back', () => {
  const hung = new Promise(() => undefined)
  const call = tuple(atom('erpc'), atom('execute_call'), 4)
  const cast = tuple(atom('erpc'), atom('execute_cast'), 3)

  /** The process that runs it. */
  function started(entry: Term, options: Term, value: unknown = hung): SpawnedProcess {
    const exposed = new ExposedTable()
    exposed.expose('m', { f: () => value })
    const server = new RpcServer(core, exposed, () => undefined, 10)
    const applied = [atom('m'), atom('f'), []]
    const payload = entry === call ? [reference, ...applied] : applied
    const fields = [reference, theirs, theirs, entry, options] as Term[]
    const frame = frameOf(Operation.SpawnRequest, fields, payload)
    server.spawnRequested(Object.assign(frame, { charge: 10 }), route)
    expect(route.consumedBytes).toBe(0)
    return core.processes.find(route.sent[0]?.fields[3] as Pid) as SpawnedProcess
  }

  it.each([
    ['call', call],
    ['cast', cast],
  ])('when its process is killed, in a %s', (_what, entry) => {
    started(entry as Term, []).exit(atom('killed'))
    expect(route.consumedBytes).toBe(10)
  })

  it('when its caller has taken the monitor back, and once', async () => {
    let settle: (value: number) => void = () => undefined
    const process = started(call as Term, [atom('monitor')], new Promise((yes) => (settle = yes)))
    core.processes.monitors.unwatch(reference, route)
    expect([route.consumedBytes, process.isAlive]).toEqual([10, true])
    settle(1)
    await process.whenEnded
    expect(route.consumedBytes).toBe(10)
  })
})
