/**
 * Encodes and decodes the same corpora with every codec in codecs/, interleaved.
 *
 * Each codec runs in a process of its own; the processes take turns (corpus, round, operation,
 * codec), so that noise hits all alike. A figure is the median over the rounds of the mean time per
 * operation within a round, the first round not counted; the mean includes garbage collection.
 */
import { context } from '../lib/context.mjs'
import { corpora } from '../lib/corpora.mjs'
import { LineProcess } from '../lib/line-process.mjs'
import { etf } from '../lib/reference-etf.mjs'
import { writeResults } from '../lib/results.mjs'
import { median, spreadOf } from '../lib/statistics.mjs'
import { startAll } from '../lib/workers.mjs'
import { printCodecRatios } from './codec-ratios.mjs'
import { printCodecSpeeds } from './codec-speed.mjs'
import { printCodecTables } from './codec-tables.mjs'

const OPERATIONS = ['decode', 'encode']
const ORDER = [
  ...[
    'beamlink',
    'beamlink-utf8',
    'beamlink-main',
    'beamlink-main-utf8',
    'pure',
    'pure-utf8',
    'json',
  ],
  ...['ei-skip', 'ei-tree', 'ei', 'beam', 'jinterface'],
  ...['erlpack', 'erlpackjs', 'erlang_js', 'etf.js', 'v8', 'msgpackr'],
]
const BOTH = { decode: 'decode', encode: 'encode' }

function startCodec(name, module, url) {
  const own = { cmd: process.execPath, args: ['lib/codec-worker.mjs', url] }
  const codec = new LineProcess(name, module.command?.(context) ?? own)
  codec.operations = module.operations ?? BOTH
  return codec
}

/** Why a codec's answer counts: what it gave for this corpus before it was timed. */
function verdictOf(found, operation) {
  if (found.error) return `fails: ${found.error}`
  return found[operation] ?? (found.equal ? 'same bytes' : 'other bytes')
}

async function checkedRows(codecs, corpus, notes) {
  const size = etf(corpora[corpus]()).length
  const rows = []
  for (const codec of codecs) {
    const found = await codec.ask(`check ${corpus} 0`)
    if (found.note) notes[`${codec.name} note`] = found.note
    for (const operation of OPERATIONS) {
      if (codec.operations[operation] === undefined) continue
      const check = verdictOf(found, operation)
      rows.push({ codec: codec.name, corpus, operation, size, check, samples: [] })
    }
  }
  return rows
}

async function sample(codec, row, { ms, counted }) {
  if (row === undefined || row.check.startsWith('fails')) return
  const got = await codec.ask(`${codec.operations[row.operation]} ${row.corpus} ${ms}`)
  if (got.error) row.check = `fails: ${got.error}`
  else if (counted) row.samples.push(got.ns)
}

async function measureCorpus(codecs, corpus, { rounds, ms, notes }) {
  const rows = await checkedRows(codecs, corpus, notes)
  const rowOf = (codec, operation) =>
    rows.find((row) => row.codec === codec.name && row.operation === operation)
  for (let round = -1; round < rounds; round++) {
    for (const operation of OPERATIONS) {
      for (const codec of codecs) {
        await sample(codec, rowOf(codec, operation), { ms, counted: round >= 0 })
      }
    }
  }
  return rows
}

function summarise(row) {
  if (row.samples.length === 0) return
  row.ns = median(row.samples)
  row.megabytesPerSecond = (row.size / row.ns) * 1e3
  row.spread = spreadOf(row.samples)
}

/** `columns` and `cases` narrow the run to some codecs and corpora. Returns the goals. */
export async function runCodec({ rounds, ms, columns, cases }) {
  const { started: codecs, notes } = await startAll({
    folder: 'codecs',
    given: columns,
    order: ORDER,
    environment: context,
    start: startCodec,
  })
  const names = cases?.split(',') ?? Object.keys(corpora)
  const rows = []
  try {
    for (const corpus of names) {
      rows.push(...(await measureCorpus(codecs, corpus, { rounds, ms, notes })))
    }
  } finally {
    await Promise.all(codecs.map((codec) => codec.close()))
  }
  for (const row of rows) summarise(row)
  printCodecTables(rows, { rounds, ms, notes })
  const { ratios, goals } = printCodecRatios(rows)
  const { speeds, goals: speedGoals } = printCodecSpeeds(rows)
  writeResults('codec', [...rows, ...ratios, ...speeds])
  return [...goals, ...speedGoals]
}
