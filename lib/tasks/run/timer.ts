/** The longest time that a timer of Node can wait; it would not wait at all for more. */
const longestMs = 2 ** 31 - 1

/** As `setTimeout`; for ever where that is meant, or cannot be told apart from it. */
export function after(ms: number, run: () => void): NodeJS.Timeout | undefined {
  return ms > longestMs ? undefined : setTimeout(run, ms)
}
