export function median(list) {
  const sorted = [...list].sort((x, y) => x - y)
  const half = sorted.length >> 1
  return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2
}

/** The slope of log(y) against log(x), by least squares: 1 where y grows as x does. */
export function exponentOf(points) {
  const logs = points.map(({ x, y }) => ({ x: Math.log(x), y: Math.log(y) }))
  const mean = (key) => logs.reduce((sum, log) => sum + log[key], 0) / logs.length
  const [x, y] = [mean('x'), mean('y')]
  const products = logs.reduce((sum, log) => sum + (log.x - x) * (log.y - y), 0)
  return products / logs.reduce((sum, log) => sum + (log.x - x) ** 2, 0)
}

/** The mean of ratios. */
export const geometricMean = (list) =>
  Math.exp(list.reduce((sum, value) => sum + Math.log(value), 0) / list.length)

/** Largest over smallest: how far the rounds lie apart. */
export const spreadOf = (list) => Math.max(...list) / Math.min(...list)

/** Median over the rounds of ours/theirs; both lists hold one sample per round, in order. */
export function medianRatio(ours, theirs) {
  const rounds = Math.min(ours.length, theirs.length)
  if (rounds === 0) return undefined
  return median(Array.from({ length: rounds }, (_, round) => ours[round] / theirs[round]))
}
