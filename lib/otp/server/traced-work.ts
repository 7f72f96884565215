import type { ServeMessage } from '../../node/observe/channels.js'
import { methodOf, traceServing } from '../../node/observe/serve.js'
import type { ServerCallbacks } from './callbacks.js'
import type { ServerProcess } from './server-process.js'
import { runWork, type ServerWork } from './work.js'

/** As `runWork`, while those who watch hear of it. `peer` is the node that the work came from. */
export function runTraced(
  callbacks: ServerCallbacks,
  work: ServerWork,
  server: ServerProcess,
  peer: string | undefined,
): unknown {
  const run = () => runWork(callbacks, work, server)
  if (work.kind !== 'call' && work.kind !== 'cast' && work.kind !== 'info') return run()
  const request = work.kind === 'info' ? work.message : work.request
  const message: ServeMessage = {
    kind: work.kind,
    node: server.node,
    peer: peer ?? server.node,
    from: work.kind === 'call' ? work.from.pid : undefined,
    service: server.name ?? String(server.pid),
    method: methodOf(request, work.kind),
    args: [request],
  }
  return traceServing(message, run)
}
