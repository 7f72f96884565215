/**
 * Measures one thing about tasks in a process of its own and prints it as JSON.
 *
 *   measure.mjs runs MS              runs on demand in MS milliseconds, two threads that are warm
 *   measure.mjs start KIND COUNT     milliseconds until COUNT workers have begun, bare ones or tasks
 *   measure.mjs memory KIND COUNT    MiB of the process with COUNT idle workers, bare ones or tasks
 *   measure.mjs delay MS             how late the main loop is while all cores are busy with tasks
 */
import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import { setTimeout as delay } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { Tasks } from 'beamlink/tasks'
import { watched } from '../lib/loop-delay.mjs'
import { processMemory } from '../memory/process-memory.mjs'

const SETTLE_MS = 1_000
/** So many callers wait for their runs at the same time. */
const CALLERS = 16

const options = { base: import.meta.url, script: './jobs.mjs' }

async function runsWithin(tasks, ms) {
  let count = 0
  const start = performance.now()
  const call = async () => {
    while (performance.now() - start < ms) {
      await tasks.run('nothing', 'data')
      count += 1
    }
  }
  await Promise.all(Array.from({ length: CALLERS }, call))
  return (count / (performance.now() - start)) * 1_000
}

async function bareWorkers(count) {
  const url = new URL('./bare-worker.mjs', import.meta.url)
  return Promise.all(
    Array.from({ length: count }, async () => {
      const worker = new Worker(url)
      await once(worker, 'message')
      return worker
    }),
  )
}

const measures = {
  async runs(ms) {
    const tasks = new Tasks({ ...options, runs: { workers: 2, warm: 2 } })
    tasks.define({ name: 'nothing', startup: false })
    await tasks.start()
    await runsWithin(tasks, ms / 4)
    const one = performance.now()
    await tasks.run('nothing', 'data')
    const latency = performance.now() - one
    const perSecond = await runsWithin(tasks, ms)
    await tasks.stop()
    return { perSecond, latency }
  },
  async start(kind, count) {
    const tasks = new Tasks(options).define({ name: 'idle', workers: count })
    const cpu = process.cpuUsage()
    const start = performance.now()
    let bare = []
    const { loopMost } = await watched(async () => {
      if (kind === 'bare') bare = await bareWorkers(count)
      else await tasks.start()
      return {}
    })
    const ms = performance.now() - start
    const { user, system } = process.cpuUsage(cpu)
    await Promise.all([tasks.stop(), ...bare.map((worker) => worker.terminate())])
    return { ms, loopMost, cpuMs: (user + system) / 1_000 / count }
  },
  async memory(kind, count) {
    const tasks = new Tasks(options)
    const bare = kind === 'bare' ? await bareWorkers(count) : []
    if (kind === 'tasks') await tasks.define({ name: 'idle', workers: count }).start()
    await delay(SETTLE_MS)
    const { resident } = processMemory()
    await Promise.all([tasks.stop(), ...bare.map((worker) => worker.terminate())])
    return { resident }
  },
  async delay(ms) {
    const tasks = new Tasks(options)
    await tasks.define({ name: 'busy', workers: availableParallelism() }).start()
    const late = await watched(async () => {
      await delay(ms)
      return {}
    })
    await tasks.stop()
    return late
  },
}

const [what, ...rest] = process.argv.slice(2)
const parameters = rest.map((text) => (Number.isNaN(Number(text)) ? text : Number(text)))
console.log(JSON.stringify(await measures[what](...parameters)))
