/** Time that grows as what it is spent on: the exponent of a power law through the points. */
export const EXPONENT = { least: 0.85, most: 1.15 }
