import { isThenable } from '../../node/process/handler-process.js'
import type { HostCore } from './host-core.js'

/**
 * Runs a function of the program. What it throws or rejects with is told in the log: it must not
 * unwind what called it.
 */
export function runProgram(
  host: HostCore,
  what: string,
  run: () => unknown,
): undefined | Promise<void> {
  const failed = (error: unknown) => host.failed(what, error)
  try {
    const done = run()
    return isThenable(done) ? Promise.resolve(done).then(() => undefined, failed) : undefined
  } catch (error) {
    failed(error)
    return undefined
  }
}
