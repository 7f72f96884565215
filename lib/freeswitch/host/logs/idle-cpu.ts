import { cpus } from 'node:os'

/** How long an answer is good for. */
const freshMs = 1_000

let measuredAtMs = Number.NEGATIVE_INFINITY
let last = { idle: 0, total: 0 }
let percent = 100

/** How idle the processors of this machine have been lately, as FreeSWITCH writes it in its log. */
export function idleCpuPercent(): number {
  const nowMs = Date.now()
  if (nowMs - measuredAtMs < freshMs) return percent
  measuredAtMs = nowMs
  const times = cpus().map((cpu) => cpu.times)
  const idle = sum(times.map((each) => each.idle))
  const total = sum(times.map((each) => sum(Object.values(each))))
  if (total > last.total) percent = (100 * (idle - last.idle)) / (total - last.total)
  last = { idle, total }
  return percent
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
