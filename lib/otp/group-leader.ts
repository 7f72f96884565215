import { Operation } from '../native/contract.js'
import type { NodeCore } from '../node/core.js'
import { SystemProcess } from '../node/system-process.js'
import { atom } from '../term/atom.js'
import type { Pid } from '../term/pid.js'
import { RawTerm } from '../term/raw.js'

const user = atom('user')

/**
 * The group leader of the functions we call at peers: it passes their io requests on to `user` of
 * the node they run at, which answers them itself. So what they print appears on that node's
 * console, as it does for calls from C nodes, and none of them waits for an answer of ours.
 */
export function startGroupLeader(core: NodeCore): Pid {
  const { processes, identity } = core
  const leader = new SystemProcess(identity.nextPid(), processes, (frame, from, route) => {
    // The request names who asks and waits for the answer; we are no party to it.
    const request = new RawTerm(frame.raw())
    void route.post(Operation.RegSend, [from ?? leader.pid, user], request)
    route.consumed(frame)
  })
  processes.add(leader)
  return leader.pid
}
