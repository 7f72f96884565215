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
