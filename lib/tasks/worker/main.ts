import { workerData } from 'node:worker_threads'
import type { Assignment } from '../wire/messages.js'
import { live, runOnce } from './dedicated.js'

/**
 * Where a worker thread begins. It loads little, and no addon, so that an idle worker costs hardly
 * more than a bare one.
 */
const assignment = workerData as Assignment

switch (assignment.kind) {
  case 'task':
    void live(assignment, (beginning) => runOnce(assignment, beginning))
    break
  case 'udp':
    void live(assignment, async (beginning) => {
      const { runDatagrams } = await import('./datagrams.js')
      await runDatagrams(assignment, beginning)
    })
    break
  case 'runs':
    void import('./on-demand.js').then(({ serveRuns }) => serveRuns(assignment))
    break
}
