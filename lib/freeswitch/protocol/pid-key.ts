import type { Pid } from '../../term/pid.js'

/** A key for tables of pids: the same for every value of the same process. */
export function pidKey({ node, id, serial, creation }: Pid): string {
  return `${node.name} ${id} ${serial} ${creation}`
}
