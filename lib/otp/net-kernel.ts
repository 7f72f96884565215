import type { NodeCore } from '../node/core.js'
import { SystemProcess } from '../node/process/system-process.js'
import { atom } from '../term/atom.js'
import { isTagged } from '../term/term.js'
import { genReply, readGenCall } from './gen-reply.js'

/**
 * The process `net_kernel`, as far as other nodes ask it anything: `net_adm:ping`.
 *
 * Shape:  `{'$gen_call', {From, Tag}, {is_auth, Node}}`; answer `{Tag, yes}`.
 * Source: OTP 25, kernel/src/net_kernel.erl, handle_call({is_auth, _}, …).
 */
export function startNetKernel(core: NodeCore): void {
  const { processes, identity } = core
  const kernel = new SystemProcess(identity.nextPid(), processes, (frame, _from, route) => {
    const call = readGenCall(frame.payload())
    if (call !== undefined && isTagged(call.request, 'is_auth', 2)) {
      genReply(core, kernel.pid, call.from, atom('yes'), undefined)
    }
    route.consumed(frame)
  })
  processes.add(kernel)
  processes.registry.register('net_kernel', kernel)
}
