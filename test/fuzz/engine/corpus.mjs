/**
 * Inputs of a fuzz target as lines of base64, as they are committed, and as files, as fuzzers have
 * them.
 *
 *   node test/fuzz/engine/corpus.mjs unpack FILE FOLDER
 *   node test/fuzz/engine/corpus.mjs pack FOLDER FILE LONGEST     leaves out what has more bytes
 */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'

const commands = {
  unpack(file, folder) {
    for (const line of readFileSync(file, 'latin1').split('\n').filter(Boolean)) {
      const bytes = Buffer.from(line, 'base64')
      writeFileSync(path.join(folder, createHash('sha1').update(bytes).digest('hex')), bytes)
    }
  },
  pack(folder, file, longest) {
    const inputs = readdirSync(folder).map((name) => readFileSync(path.join(folder, name)))
    const lines = inputs
      .filter((bytes) => bytes.length > 0 && bytes.length <= Number(longest))
      .map((bytes) => bytes.toString('base64'))
    lines.sort((a, b) => a.length - b.length || (a < b ? -1 : 1))
    writeFileSync(file, `${lines.join('\n')}\n`)
  },
}

const [command, ...words] = process.argv.slice(2)
commands[command](...words)
