import type { ErlangNode } from 'beamlink'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { ErlNode } from '../helpers/erl-node.js'
import { startBeside } from '../helpers/local-node.js'
import { pairOf } from '../helpers/pair.js'

let erl: ErlNode
let node: ErlangNode
let release: number
beforeAll(async () => {
  erl = await ErlNode.start()
  node = await startBeside(erl)
  release = Number((await erl.eval('erlang:system_info(otp_release)')).replaceAll('"', ''))
})
afterAll(async () => {
  await node.stop()
  await erl.stop()
})

beforeEach(({ skip }) => {
  skip(release < 28, 'OTP before 28 has no priority')
})

describe('signals with priority, from OTP 28 on', () => {
  it('are messages as others to an alias of ours, which gives no priority', async () => {
    const { self, theirs, run, next } = await pairOf(node, erl)
    void self.send(theirs, self.alias())
    await run(`receive A -> put(alias, A) end,
      Js ! first, A ! second, erlang:send(A, third, [priority]), Js ! fourth, ok`)
    expect([await next(), await next(), await next(), await next()]).toEqual([
      'first',
      'second',
      'third',
      'fourth',
    ])
  })

  it('end nobody here by an alias: such an exit is counted as not supported', async () => {
    const { self, theirs, run, next } = await pairOf(node, erl)
    void self.send(theirs, self.alias())
    const before = node.stats().drops.unsupported
    await run('receive A -> exit(A, kill, [priority]), Js ! after_exit, ok end')
    expect(await next()).toBe('after_exit')
    expect([self.isAlive, node.stats().drops.unsupported]).toEqual([true, before + 1])
  })

  it('are not what we send, also to an alias of Erlang that was made for them: messages arrive in order', async () => {
    const { self, theirs, run, nextThere } = await pairOf(node, erl)
    const alias = await run('A = alias([priority]), Js ! A, A')
    expect(alias).toMatch(/^#Ref/)
    const reference = await self.receive()
    void self.send(theirs, 'before')
    await self.send(reference as never, 'to the alias')
    expect([await nextThere(), await nextThere()]).toEqual(['<<"before">>', '<<"to the alias">>'])
  })

  it('are those of links and monitors with priority, whose exits come as others do', async () => {
    const { self, run, next } = await pairOf(node, erl)
    await run(`erlang:monitor(process, Js, [priority]), erlang:link(Js, [priority]),
      Js ! linked, ok`)
    expect(await next()).toBe('linked')
    self.exit('gone')
    expect(
      await run(`
        {receive {'DOWN', _, process, Js, Why} -> Why after 5000 -> none end,
         receive {'EXIT', Js, How} -> How after 5000 -> none end}`),
    ).toBe('{<<"gone">>,<<"gone">>}')
  })
})
