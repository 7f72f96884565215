/**
 * Terms are walked with stacks of our own, so depth costs no call stack. A term nested deeper than
 * this is taken for one that contains itself, which JavaScript allows and Erlang does not.
 */
const MAX_LEVELS = 1_000_000

export function checkLevels(levels: number): void {
  if (levels > MAX_LEVELS) {
    throw new RangeError(
      `term must nest less than ${MAX_LEVELS} levels deep; this one seems to contain itself`,
    )
  }
}
