/**
 * Milliseconds that never go back, from some time on. What `performance.now()` is too, at 0.4 MiB for
 * the module of Node that it loads.
 */
export function nowMs(): number {
  const [seconds, nanoseconds] = process.hrtime()
  return seconds * 1e3 + nanoseconds / 1e6
}
