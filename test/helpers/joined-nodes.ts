import { ErlangNode, type NodeOptions } from 'beamlink'
import { testCookie } from './erl-node.js'
import { uniqueName } from './names.js'
import { until } from './waiting.js'

/** Two nodes of ours in this process, the first connected to the second, without any epmd. */
export interface JoinedNodes {
  readonly here: ErlangNode
  readonly there: ErlangNode
  stop(): Promise<void>
}

export function startAlone(options: Partial<NodeOptions> = {}): Promise<ErlangNode> {
  return ErlangNode.start({
    name: uniqueName('js'),
    cookie: testCookie,
    epmd: 'none',
    ...options,
  })
}

export async function connectTo(here: ErlangNode, there: ErlangNode): Promise<void> {
  if (there.address === undefined) throw new Error(`${there.name} does not listen`)
  // They hear of it at different times.
  const isUp = until(there, 'nodeup', (peer) => peer === here.name)
  await here.connect(there.name, there.address)
  await isUp
}

export async function joinedNodes(options: Partial<NodeOptions> = {}): Promise<JoinedNodes> {
  const [here, there] = await Promise.all([startAlone(options), startAlone(options)])
  await connectTo(here, there)
  return {
    here,
    there,
    stop: async () => {
      await Promise.all([here.stop(), there.stop()])
    },
  }
}
