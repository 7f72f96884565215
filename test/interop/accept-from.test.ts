import { type ErlangNode, format, type Term } from 'beamlink'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ErlNode } from '../helpers/erl-node.js'
import { startBeside } from '../helpers/local-node.js'
import { Arrivals } from '../helpers/waiting.js'

let friend: ErlNode
let stranger: ErlNode
let node: ErlangNode

beforeAll(async () => {
  friend = await ErlNode.start()
  stranger = await ErlNode.start({ epmdPort: friend.epmdPort })
  node = await startBeside(friend)
})
afterAll(async () => {
  await node.stop()
  await stranger.stop()
  await friend.stop()
})

/** Evaluates with `N` as the name of our node. */
function at(erl: ErlNode, expressions: string): Promise<string> {
  return erl.eval(`N = '${node.name}', ${expressions}`)
}

/** When a peer gets this answer, all that it sent before has been dealt with. */
const synced = 'pong = net_adm:ping(N), ok'

describe('a process that is there for some peers', () => {
  it('refuses a choice of peers that is none', () => {
    const handler = () => undefined
    expect(() => node.register('n', handler, { acceptFrom: ['no name'] })).toThrow(
      'acceptFrom must be a node name',
    )
    expect(() => node.spawn({ acceptFrom: 7 as never })).toThrow(TypeError)
    expect(() => node.serve('n', {}, { acceptFrom: [''] })).toThrow(RangeError)
    expect(node.whereis('n')).toBeUndefined()
  })

  it('gets no messages, by name, by pid or through rex, of others', async () => {
    const got = new Arrivals<Term>()
    const { pid } = node.register('vault', got.push, { acceptFrom: [friend.name] })
    const before = node.stats().drops
    await at(stranger, `{vault, N} ! lost, {rex, N} ! {self(), {send, vault, lost}}, ${synced}`)
    await node.rpc(stranger.name, 'erlang', 'send', [pid, 'lost'])
    await at(stranger, synced)
    await at(friend, '{vault, N} ! kept, ok')
    expect(format(await got.next())).toBe('kept')
    await node.rpc(friend.name, 'erlang', 'send', [pid, 'kept'])
    expect(String(await got.next())).toBe('kept')
    const { unknownName, unknownProcess } = node.stats().drops
    expect(unknownName - before.unknownName).toBe(1)
    expect(unknownProcess - before.unknownProcess).toBe(1)
    await node.send('vault', 'from this node itself')
    expect(String(await got.next())).toBe('from this node itself')
    node.unregister('vault')
  })

  it('is noproc for gen_server:call, for links and for monitors of others', async () => {
    node.serve('clerk', { call: () => 'served' }, { acceptFrom: (peer) => peer === friend.name })
    const call = 'try gen_server:call({clerk, N}, x) catch exit:{R, _} -> R end'
    expect(await at(stranger, call)).toBe('noproc')
    expect(await at(friend, call)).toBe('<<"served">>')
    const monitor = `R = monitor(process, {clerk, N}), receive {_, R, _, _, Why} -> Why after 200 -> none end`
    expect(await at(stranger, monitor)).toBe('noproc')
    expect(await at(friend, monitor)).toBe('none')
    const self = node.spawn({ name: 'linked', acceptFrom: [friend.name] })
    const link = `process_flag(trap_exit, true), P = rpc:call('${friend.name}', rpc, call, [N, erlang, whereis, [linked]]),
      link(P), receive {'EXIT', P, Why} -> Why after 200 -> none end`
    expect(await at(stranger, link)).toBe('noproc')
    expect(await at(friend, link)).toBe('none')
    self.exit()
    node.unregister('clerk')
  })

  it('cannot be killed, nor seen, by others', async () => {
    const self = node.spawn({ name: 'hidden', acceptFrom: [friend.name] })
    const find = 'rpc:call(N, erlang, whereis, [hidden])'
    const list = 'lists:member(hidden, rpc:call(N, erlang, registered, []))'
    expect(await at(stranger, `{${find}, ${list}}`)).toBe('{undefined,false}')
    const kill = `P = rpc:call('${friend.name}', rpc, call, [N, erlang, whereis, [hidden]]), exit(P, kill),
      A = rpc:call(N, erlang, is_process_alive, [P]), A`
    expect(await at(stranger, kill)).toBe('false')
    expect(self.isAlive).toBe(true)
    expect(await at(friend, `{is_pid(${find}), ${list}}`)).toBe('{true,true}')
    await at(friend, `exit(${find}, kill), ${synced}`)
    expect(self.isAlive).toBe(false)
  })

  it('hears of the end of others that it has linked itself, and answers through its alias', async () => {
    const self = node.spawn({ acceptFrom: [friend.name] })
    self.trapExit = true
    const alias = self.alias({ once: true })
    const pid = await node.spawnAt(stranger.name, 'timer', 'sleep', [60_000])
    self.link(pid)
    await node.rpc(stranger.name, 'erlang', 'send', [alias, 'through'])
    expect(String(await self.receive({ timeoutMs: 5_000 }))).toBe('through')
    node.exitSignal(pid, 'over')
    expect(format(await self.receive({ timeoutMs: 5_000 }))).toContain("'EXIT'")
    self.exit()
  })

  it('is chosen by a pattern, too', async () => {
    const got = new Arrivals<Term>()
    node.register('both', got.push, { acceptFrom: ['erl_*@127.0.0.1'] })
    node.register('none', got.push, { acceptFrom: ['js_*@127.0.0.1'] })
    await at(stranger, `{none, N} ! lost, {both, N} ! kept, ${synced}`)
    expect(format(await got.next())).toBe('kept')
    expect(got.waiting).toBe(0)
    node.expose('some', { f: () => 1 }, { exposeTo: ['erl_*@127.0.0.1'] })
    node.expose('others', { f: () => 1 }, { exposeTo: (peer) => peer !== stranger.name })
    expect(await at(stranger, '{rpc:call(N, some, f, []), rpc:call(N, others, f, [])}')).toMatch(
      /^\{1,\{badrpc,.*undef/,
    )
    expect(await at(friend, 'rpc:call(N, others, f, [])')).toBe('1')
  })
})
