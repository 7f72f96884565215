/** What is to be reached, beside what was measured. Each part has a file of its own goals. */
import { figure, printTable } from './table.mjs'

function goal(part, what, { measured, target, sign, reached }) {
  const isMeasured = measured !== undefined && !Number.isNaN(measured)
  return { part, what, measured, target, sign, reached: isMeasured ? reached : undefined }
}

export const atLeast = (part, what, measured, target) =>
  goal(part, what, { measured, target, sign: '>=', reached: measured >= target })

export const atMost = (part, what, measured, target) =>
  goal(part, what, { measured, target, sign: '<=', reached: measured <= target })

/** What stands beside a figure: nothing when it reaches its goal or has none. */
export function markOf(one) {
  if (one === undefined || one.reached === true) return ''
  return one.reached === false ? 'MISSED' : 'not measured'
}

export const targetOf = (one) => (one === undefined ? '' : `${one.sign} ${figure(one.target)}`)

/** Every goal of a run. A figure that misses is marked, one that is not there is said to be so. */
export function printGoals(goals) {
  if (goals.length === 0) return
  printTable(
    'goals of this run: medians of ratios within it',
    ['part', 'what', 'measured', 'goal', ''],
    goals.map((one) => [one.part, one.what, figure(one.measured), targetOf(one), markOf(one)]),
    { left: 2 },
  )
  const count = (reached) => goals.filter((one) => one.reached === reached).length
  console.log(
    `\n${count(true)} of ${goals.length} goals reached, ${count(false)} missed, ` +
      `${count(undefined)} not measured`,
  )
}
