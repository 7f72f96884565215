import type { Assignment } from '../wire/messages.js'
import { loadTask } from './load-task.js'
import { listen, post } from './port.js'
import { abortError, mainNode, type NodeSource, taskOf } from './run.js'
import type { Task, TaskFunction } from './task.js'

type TaskAssignment = Extract<Assignment, { kind: 'task' | 'udp' }>

/** What is ready when a worker of a task begins. */
export interface Beginning {
  readonly run: TaskFunction
  readonly node: NodeSource
  readonly signal: AbortSignal
}

/**
 * The life of a worker that belongs to one task: it says that it is there, waits for its turn, makes
 * ready what it needs, does its `work`, and says how that ended. The main thread ends it then.
 */
export async function live(
  assignment: TaskAssignment,
  work: (beginning: Beginning) => Promise<void>,
): Promise<void> {
  const controller = new AbortController()
  listen('abort', ({ reason }) => controller.abort(abortError(reason)))
  const { signal } = controller
  await turn(signal)
  let stop: (() => Promise<void>) | undefined
  try {
    signal.throwIfAborted()
    const own = await ownNode(assignment)
    stop = own?.stop
    const node = own === undefined ? await mainNode(assignment.hasNode) : () => own.node
    await work({ run: await loadTask(assignment.target), node, signal })
    await stop?.()
    post({ kind: 'done', id: 0, value: undefined })
  } catch (error) {
    await stop?.()
    if (signal.aborted) post({ kind: 'done', id: 0, value: undefined })
    else await fail(0, error)
  }
}

/** Runs a task once, after its pause. */
export async function runOnce(
  assignment: Extract<Assignment, { kind: 'task' }>,
  { run, node, signal }: Beginning,
): Promise<void> {
  const { name, index, waitMs } = assignment
  post({ kind: 'begun', port: undefined })
  if (waitMs > 0) await pause(waitMs, signal)
  if (signal.aborted) return
  post({ kind: 'running' })
  const task: Task = taskOf({ name, index, data: undefined, signal }, node)
  await run(String(index), task)
}

/** What describes errors is loaded when there is one. */
export async function fail(id: number, error: unknown, isLoading = false): Promise<void> {
  const { errorToWire } = await import('../wire/error-wire.js')
  post({ kind: 'failed', id, error: errorToWire(error), isLoading })
}

/** Waits for its turn, or for being told to end before that. */
function turn(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    listen('go', () => resolve())
    signal.addEventListener('abort', () => resolve(), { once: true })
    post({ kind: 'ready' })
  })
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    // Its module may have taken longer to load than anybody had patience.
    if (signal.aborted) return resolve()
    const timer = setTimeout(resolve, ms)
    signal.addEventListener('abort', () => {
      clearTimeout(timer)
      resolve()
    })
  })
}

async function ownNode({ ownNode: options }: TaskAssignment) {
  if (options === undefined) return undefined
  const { startOwnNode } = await import('./own-node.js')
  return startOwnNode(options)
}
