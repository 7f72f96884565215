import { readdirSync, readFileSync } from 'node:fs'
import { setImmediate as turn } from 'node:timers/promises'
import type { ErlNode } from './erl-node.js'
import { withDeadline } from './waiting.js'

/** Stops a node by SIGSTOP; resolves when none of its threads runs any more. `SIGCONT` thaws it. */
export async function freeze(erl: ErlNode): Promise<void> {
  erl.signal('SIGSTOP')
  let isOver = false
  const frozen = (async () => {
    while (!isOver && !isStopped(erl.pid)) await turn()
  })()
  await withDeadline(frozen, `${erl.name} to stop`).finally(() => {
    isOver = true
  })
}

/** Source: proc(5), the third field of `stat`, behind the name in parentheses. */
function isStopped(pid: number): boolean {
  const threads = `/proc/${pid}/task`
  return readdirSync(threads).every((thread) => {
    const stat = readFileSync(`${threads}/${thread}/stat`, 'latin1')
    return stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3) === 'T'
  })
}
