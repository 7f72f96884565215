/** The corpora as files, for programs in other languages. */
import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { context } from './context.mjs'
import { corpora } from './corpora.mjs'
import { elixirRow } from './elixir-row.mjs'
import { etf } from './reference-etf.mjs'

const madeAt = (file) => (existsSync(file) ? statSync(file).mtimeMs : 0)

export function writeCorpora() {
  const folder = path.join(context.root, 'lib')
  const changed = Math.max(...readdirSync(folder).map((name) => madeAt(path.join(folder, name))))
  mkdirSync(context.corpusDir, { recursive: true })
  for (const [name, make] of Object.entries({ ...corpora, elixir_row: elixirRow })) {
    const file = path.join(context.corpusDir, `${name}.etf`)
    if (madeAt(file) <= changed) writeFileSync(file, etf(make()))
  }
}
