import { AsyncLocalStorage } from 'node:async_hooks'
import { expect, it } from 'vitest'
import { connectTo, startAlone } from '../helpers/joined-nodes.js'
import { Arrivals } from '../helpers/waiting.js'

// In a file of its own: it matters who starts the first node of a process.
it('runs handlers in nobody’s context, whoever has started the first node; who awaits keeps its own', async () => {
  const store = new AsyncLocalStorage<string>()
  const contexts = new Arrivals<string>()
  const here = await store.run('starter', () => startAlone())
  const there = await startAlone()
  try {
    await store.run('caller', async () => {
      await connectTo(here, there)
      here.register('ear', () => contexts.push(store.getStore() ?? 'none'))
      await there.send({ name: 'ear', node: here.name }, 1)
      expect(await contexts.next()).toBe('none')
      await here.ping(there.name)
      expect(store.getStore()).toBe('caller')
    })
  } finally {
    await Promise.all([here.stop(), there.stop()])
  }
})

it('runs handlers in nobody’s context also for messages and timeouts of the node itself', async () => {
  const store = new AsyncLocalStorage<string>()
  const contexts = new Arrivals<string>()
  const tell = (what: string) => contexts.push(`${what} ${store.getStore() ?? 'none'}`)
  const node = await startAlone()
  try {
    node.register('ear', () => tell('message'))
    node.serve('server', {
      call: () => tell('call'),
      cast: (_request, server) => {
        tell('cast')
        server.timeoutAfter(10)
      },
      handleTimeout: () => tell('timeout'),
    })
    await store.run('sender', async () => {
      // The first deadline, which sets the timer of them all.
      const first = node.spawn().receive({ timeoutMs: 5, orElse: undefined })
      await node.send('ear', 1)
      await node.call('server', 1)
      node.cast('server', 1)
      await first
    })
    for (const what of ['message', 'call', 'cast', 'timeout']) {
      expect(await contexts.next(what)).toBe(`${what} none`)
    }
  } finally {
    await node.stop()
  }
})
