import { atom, type ErlangNode, type Reference } from 'beamlink'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ErlNode } from '../helpers/erl-node.js'
import { startBeside } from '../helpers/local-node.js'
import { pairOf } from '../helpers/pair.js'

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

describe('an alias of a process of ours', () => {
  it('takes messages from Erlang until it is taken back', async () => {
    const { self, theirs, run, next } = await pairOf(node, erl)
    const alias = self.alias()
    void self.send(theirs, alias)
    await run('receive A -> put(alias, A), A ! {hello, 1}, ok end')
    expect(await next()).toBe('{hello,1}')
    const before = node.stats().drops.unknownAlias
    expect(self.unalias(alias)).toBe(true)
    await run('get(alias) ! late, Js ! after_late, ok')
    expect(await next()).toBe('after_late')
    expect(node.stats().drops.unknownAlias).toBe(before + 1)
  })

  it('with once takes one message', async () => {
    const { self, theirs, run, next } = await pairOf(node, erl)
    const before = node.stats().drops.unknownAlias
    void self.send(theirs, self.alias({ once: true }))
    await run('receive A -> A ! first, A ! second, Js ! third, ok end')
    expect([await next(), await next()]).toEqual(['first', 'third'])
    expect(node.stats().drops.unknownAlias).toBe(before + 1)
  })

  it('may be that of a monitor: one answer takes both back', async () => {
    const { self, theirs, run, next, exit } = await pairOf(node, erl)
    const before = node.stats().drops.unknownAlias
    const alias = self.monitor(theirs, { alias: 'replyDemonitor' })
    void self.send(theirs, alias)
    await run('receive A -> A ! answer, A ! late, Js ! ok end')
    expect([await next(), await next()]).toEqual(['answer', 'ok'])
    await exit('boom')
    const probe = node.spawn()
    probe.monitor(theirs)
    await probe.receive()
    expect([self.queueLength, node.stats().drops.unknownAlias]).toEqual([0, before + 1])
  })

  it('ends with its process', async () => {
    const { self, theirs, run } = await pairOf(node, erl)
    void self.send(theirs, self.alias())
    await run('receive A -> put(alias, A), ok end')
    const before = node.stats().drops.unknownAlias
    self.exit()
    const other = node.spawn({ name: 'after_alias' })
    await run(`get(alias) ! late, {after_alias, '${node.name}'} ! done, ok`)
    await other.receive()
    expect(node.stats().drops.unknownAlias).toBe(before + 1)
  })

  it('works within the node', async () => {
    const [one, two] = [node.spawn(), node.spawn()]
    await two.send(one.alias(), 42)
    expect(await one.receive()).toBe(42)
  })
})

describe('an alias of Erlang', () => {
  it('takes messages from a process of ours', async () => {
    const { self, run } = await pairOf(node, erl)
    await run('Js ! alias([reply]), ok')
    const alias = (await self.receive()) as Reference
    void self.send(alias, atom('hello'))
    void self.send(alias, atom('lost'))
    expect(await run('receive hello -> ok end')).toBe('ok')
    void self.send(alias, atom('lost'))
    expect(await run('receive M -> M after 50 -> nothing end')).toBe('nothing')
  })
})
