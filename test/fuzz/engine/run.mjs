/**
 * A fuzzer for JavaScript that is led by coverage, with the face of libFuzzer:
 *
 *   node test/fuzz/engine/run.mjs TARGET.mjs [-max_total_time=SECONDS] [-seed=N]
 *        [-artifact_prefix=PATH] CORPUS     fuzzes; the folder gets what brought something new
 *   node … TARGET.mjs -merge=1 TO FROM…     puts into TO what in FROM adds to its coverage
 *   node … TARGET.mjs FILE…                 runs these inputs
 *
 * A target exports `fuzz(bytes)`, which throws (or rejects) when something is wrong, and may return
 * a text that says what came of the input; inputs with new ones are kept, too. `words` are byte
 * strings worth trying, `covers(url)` chooses the files whose coverage leads.
 */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { Coverage } from './coverage.mjs'
import { Failure, Fuzzer } from './fuzzer.mjs'
import { Random } from './mutate.mjs'

/** As libFuzzer, for what is no fault of the fuzzer. */
const failedExit = 77
const reportEveryMs = 10_000

const say = (text) => process.stderr.write(`${text}\n`)

function readArguments([target, ...words]) {
  const flags = {}
  const paths = []
  for (const word of words) {
    const flag = /^-(\w+)=(.*)$/.exec(word)
    if (flag === null) paths.push(word)
    else flags[flag[1]] = flag[2]
  }
  return { target, flags, paths }
}

/** The smallest first, so that of those that do the same the smallest stays. */
function filesIn(folder) {
  const inputs = readdirSync(folder).map((name) => readFileSync(path.join(folder, name)))
  return inputs.sort((a, b) => a.length - b.length || Buffer.compare(a, b))
}

const sha1 = (bytes) => createHash('sha1').update(bytes).digest('hex')

function writeInput(folder, bytes) {
  writeFileSync(path.join(folder, sha1(bytes)), bytes)
}

async function fuzz(fuzzer, coverage, folder, flags) {
  const seconds = Number(flags.max_total_time ?? Number.POSITIVE_INFINITY)
  const seed = Number(flags.seed ?? Date.now() % 2 ** 31)
  const random = new Random(seed)
  const started = performance.now()
  const elapsed = () => performance.now() - started
  for (const bytes of filesIn(folder)) await fuzzer.consider(bytes)
  say(`seed ${seed}, coverage of the corpus ${coverage.size}`)
  let added = 0
  let reported = elapsed()
  while (elapsed() < seconds * 1000) {
    for (const bytes of await fuzzer.runBatch(random)) {
      writeInput(folder, bytes)
      added += 1
    }
    if (elapsed() - reported < reportEveryMs) continue
    reported = elapsed()
    say(`#${fuzzer.executions} coverage ${coverage.size} added ${added}`)
  }
  say(`stat::number_of_executed_units: ${fuzzer.executions}`)
  say(`stat::new_units_added:          ${added}`)
}

async function merge(fuzzer, [to, ...from]) {
  for (const bytes of filesIn(to)) await fuzzer.consider(bytes)
  for (const bytes of from.flatMap(filesIn)) {
    if (await fuzzer.consider(bytes)) writeInput(to, bytes)
  }
}

async function main() {
  const { target, flags, paths } = readArguments(process.argv.slice(2))
  const file = path.resolve(target)
  // Before the target is loaded, which then decides what is looked at.
  let covers = (url) => url.includes('/build-fuzz/lib/')
  const coverage = new Coverage((url) => covers(url))
  const loaded = await import(pathToFileURL(file).href)
  covers = loaded.covers ?? covers
  const fuzzer = new Fuzzer(loaded, coverage)
  try {
    if (flags.merge === '1') await merge(fuzzer, paths)
    else if (statSync(paths[0]).isDirectory()) await fuzz(fuzzer, coverage, paths[0], flags)
    else for (const input of paths) await fuzzer.run(readFileSync(input))
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    const kept = `${flags.artifact_prefix ?? './'}crash-${sha1(error.bytes)}`
    writeFileSync(kept, error.bytes)
    say(`${error.cause?.stack ?? error.cause}\nERROR: the input is in ${kept}`)
    process.exitCode = failedExit
  }
}

await main()
