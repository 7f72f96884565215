/** What a page of documentation needs beside its own code; see page.ts. */
import assert from 'node:assert/strict'
import { EventEmitter, once } from 'node:events'
import { format, inspect } from 'node:util'

const lines = []
const printing = new EventEmitter()

console.log = (...values) => {
  lines.push(...format(...values).split('\n'))
  printing.emit('line')
}

/** Waits until as many lines are printed as `text` has, then compares. */
export async function printed(text) {
  const wanted = text.trimEnd().split('\n')
  while (lines.length < wanted.length) {
    await once(printing, 'line', { signal: AbortSignal.timeout(5_000) }).catch(() => {
      assert.deepEqual(lines, wanted)
    })
  }
  assert.deepEqual(lines.splice(0), wanted)
}

export function same(value, text) {
  assert.equal(inspect(value, { breakLength: Number.POSITIVE_INFINITY }), text)
}

/** Has step `index` of the page done outside of this program. */
export async function perform(index) {
  process.send(index)
  const [{ error }] = await once(process, 'message')
  assert.equal(error, undefined)
}
