import type { Assignment, RunOrder } from '../wire/messages.js'
import type { Wire } from '../wire/term-wire.js'
import { fail } from './dedicated.js'
import { loadTask } from './load-task.js'
import { listen, post } from './port.js'
import { abortError, mainNode, taskOf } from './run.js'
import type { TaskFunction } from './task.js'

/** Runs tasks on demand, as the main thread says: one at a time. */
export async function serveRuns({ hasNode }: Extract<Assignment, { kind: 'runs' }>): Promise<void> {
  const node = await mainNode(hasNode)
  const loaded = new Map<string, TaskFunction>()
  const running = new Map<number, AbortController>()

  const functionOf = async ({ name, target }: RunOrder): Promise<TaskFunction> => {
    const run = loaded.get(name) ?? (await loadTask(target))
    loaded.set(name, run)
    return run
  }
  const perform = async (order: RunOrder): Promise<void> => {
    const { id, name, data } = order
    const controller = new AbortController()
    running.set(id, controller)
    let isLoading = true
    try {
      const run = await functionOf(order)
      isLoading = false
      const facts = { name, index: undefined, data, signal: controller.signal }
      const value = await run(data, taskOf(facts, node))
      post({ kind: 'done', id, value: order.wantsValue ? await wireOf(value) : undefined })
    } catch (error) {
      await fail(id, error, isLoading)
    } finally {
      running.delete(id)
    }
  }
  listen('run', (order) => void perform(order))
  listen('abort', ({ id, reason }) => running.get(id)?.abort(abortError(reason)))
  post({ kind: 'ready' })
}

/** Most values are plain; what knows the others is loaded when one comes. */
async function wireOf(value: unknown): Promise<Wire | undefined> {
  if (value === undefined || value === null || typeof value === 'string') return value
  if (typeof value === 'boolean') return value
  const { toWire } = await import('../wire/term-wire.js')
  return toWire(value)
}
