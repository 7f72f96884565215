import { readFileSync } from 'node:fs'

const MIB = 1024

/** MiB that this process has in memory now (`resident`) and had at most (`peak`). */
export function processMemory() {
  const status = readFileSync('/proc/self/status', 'utf8')
  const field = (name) => Number(status.match(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm'))[1]) / MIB
  return { resident: field('VmRSS'), peak: field('VmHWM') }
}
