/** What the part `scale` asks of a client, beside what the part `dist` does. */
import { watched } from './loop-delay.mjs'

const ROWS_PER_BATCH = 20_000
const SENDS_PER_TURN = 64
const PIDS = 1000

const nextTurn = () => new Promise((resolve) => setImmediate(resolve))
const rate = (n, start) => ({ ops: (n * 1000) / (performance.now() - start), n })

async function rowsInto(client, ms) {
  const start = performance.now()
  let n = 0
  do {
    for (let k = 0; k < SENDS_PER_TURN; k++) await client.sendRow()
    n += SENDS_PER_TURN
    await nextTurn()
  } while (performance.now() - start < ms)
  const got = await client.sunk()
  if (got !== n) throw new Error(`sink counted ${got} of ${n}`)
  return rate(n, start)
}

async function rowsOutOf(client, ms) {
  const start = performance.now()
  let n = 0
  do {
    const got = await client.sourceRows(ROWS_PER_BATCH)
    if (got !== ROWS_PER_BATCH) throw new Error(`source gave ${got} of ${ROWS_PER_BATCH}`)
    n += got
  } while (performance.now() - start < ms)
  return rate(n, start)
}

/** Until the last process has what was sent to it. */
async function fanOut(client, isRaw, ms) {
  await client.fanTo(PIDS)
  const start = performance.now()
  let n = 0
  do {
    await client.fan(isRaw)
    n += PIDS
    await nextTurn()
  } while (performance.now() - start < ms)
  await client.fanned(n)
  return rate(n, start)
}

/** There and back, at least twice, and never stopped half way. */
async function largeTerms(client, ms) {
  const start = performance.now()
  let n = 0
  let size = 0
  do {
    size = await client.largeTerm()
    n++
  } while (n < 2 || performance.now() - start < ms)
  return { ...rate(n, start), size }
}

export const SCALE_OPERATIONS = {
  in_row: { needs: 'sendRow', run: rowsInto },
  out_row: { needs: 'sourceRows', run: rowsOutOf },
  fan: { needs: 'fan', run: (client, ms) => fanOut(client, false, ms) },
  fan_raw: { needs: 'fan', run: (client, ms) => fanOut(client, true, ms) },
  term_16m: {
    needs: 'largeTerm',
    run: (client, ms) => watched(() => largeTerms(client, ms)),
  },
}
