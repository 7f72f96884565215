import { monitorEventLoopDelay } from 'node:perf_hooks'

const RESOLUTION_MS = 1

/** What `run` gives, and how late the event loop was meanwhile, in milliseconds. */
export async function watched(run) {
  const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  delays.enable()
  const answer = await run()
  delays.disable()
  // What it records is the time between two looks.
  const late = (nanoseconds) => Math.max(0, nanoseconds / 1e6 - RESOLUTION_MS)
  return { ...answer, loopP99: late(delays.percentile(99)), loopMost: late(delays.max) }
}
