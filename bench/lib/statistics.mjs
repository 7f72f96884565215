export function median(list) {
  const sorted = [...list].sort((x, y) => x - y)
  const half = sorted.length >> 1
  return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2
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
