/** The tasks that are measured. */
const forEver = (signal) => new Promise((resolve) => signal.addEventListener('abort', resolve))

export const nothing = () => undefined
export const idle = (_index, { signal }) => forEver(signal)

/** Computes all the time, and lets its event loop turn now and then to hear of the end. */
export async function busy(_index, { signal }) {
  while (!signal.aborted) {
    const end = performance.now() + 20
    while (performance.now() < end) Math.sqrt(end)
    await new Promise((resolve) => setImmediate(resolve))
  }
}
