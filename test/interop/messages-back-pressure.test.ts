import type { ErlangNode } from 'beamlink'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ErlNode } from '../helpers/erl-node.js'
import { startBeside } from '../helpers/local-node.js'
import { deferred, withDeadline } from '../helpers/waiting.js'

const mebibyte = 1024 * 1024
/** Above what the kernel holds on the way, so that an answer lies within the second mark. */
const mark = 16 * mebibyte
/** Three times what we accept and the kernel holds. */
const messages = 1_600
const messageBytes = 64 * 1024

let erl: ErlNode
let node: ErlangNode
beforeAll(async () => {
  erl = await ErlNode.start()
  node = await startBeside(erl, { maxQueuedBytes: mark })
  await node.connect(erl.name)
})
afterAll(async () => {
  await node.stop()
  await erl.stop()
})

/** A process that sends `messages` numbered messages, and tells when it cannot go on. */
function flood(name: string): Promise<string> {
  return erl.eval(`
    B = binary:copy(<<0>>, ${messageBytes}),
    To = {${name}, '${node.name}'},
    Pid = spawn(fun() -> [To ! {I, B} || I <- lists:seq(1, ${messages})] end),
    ok`)
}

function waitingBytes(): number {
  return node.stats().peers[erl.name]?.in ?? 0
}

describe('messages that a handler does not keep up with', () => {
  it('slow the sender down, take bounded memory, and are none lost', async () => {
    const gate = deferred<void>()
    const done = deferred<void>()
    const full = deferred<void>()
    let count = 0
    let most = 0
    node.register('slow', async () => {
      count += 1
      if (count === 1) await gate.promise
      most = Math.max(most, waitingBytes())
      if (count === messages) done.resolve()
    })
    const watch = setInterval(() => {
      if (waitingBytes() >= mark) full.resolve()
    }, 5)
    await flood('slow')
    await withDeadline(full.promise, 'the queue to be full')
    clearInterval(watch)
    gate.resolve()
    await withDeadline(done.promise, 'all messages', 20_000)
    expect(count).toBe(messages)
    expect(most).toBeLessThan(mark + 2 * mebibyte)
  })

  it('are forgotten with their connection, and cost the next one nothing', async () => {
    const gate = deferred<void>()
    const done = deferred<void>()
    let count = 0
    node.register('stuck', async () => {
      count += 1
      await gate.promise
      if (count === 2) done.resolve()
    })
    const send = `{stuck, '${node.name}'} ! binary:copy(<<0>>, ${messageBytes})`
    await erl.eval(`${send}, ${send}`)
    await node.rpc(erl.name, 'erlang', 'node')
    expect(waitingBytes()).toBeGreaterThan(2 * messageBytes)
    await node.disconnect(erl.name)
    await node.connect(erl.name)
    const before = waitingBytes()
    gate.resolve()
    await withDeadline(done.promise, 'both messages')
    expect(waitingBytes()).toBe(before)
  })

  it('do not keep a handler from calling back to the peer they come from', async () => {
    const done = deferred<void>()
    let count = 0
    node.register('calling', async () => {
      count += 1
      if (count % 400 === 1) {
        while (waitingBytes() < mark / 2 && count < messages / 2) {
          await new Promise(setImmediate)
        }
        expect(await node.rpc(erl.name, 'erlang', 'abs', [-count])).toBe(count)
      }
      if (count === messages) done.resolve()
    })
    await flood('calling')
    await withDeadline(done.promise, 'all messages', 20_000)
  })
})
