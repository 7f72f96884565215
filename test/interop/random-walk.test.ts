import { readFileSync } from 'node:fs'
import path from 'node:path'
import type { ErlangNode } from 'beamlink'
import { decode } from 'beamlink'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ErlNode } from '../helpers/erl-node.js'
import { startBeside } from '../helpers/local-node.js'
import { JavaScriptSide } from '../walk/javascript-side.js'

/** `npm run walk` walks more, `BEAMLINK_WALK_FIRST` chooses where it begins. */
const count = Number(process.env.BEAMLINK_WALK_SEEDS ?? 50)
const first = Number(process.env.BEAMLINK_WALK_FIRST ?? 1)
const seeds = Array.from({ length: count }, (_, i) => first + i)
const steps = 60
/** So that a run of a thousand says how far it is, and a failure does not hide the others. */
const portion = 50

/** One scheduler each, so that what happens at once happens in one order. */
const args = ['+S', '1:1']
let a: ErlNode
let b: ErlNode
let node: ErlangNode
beforeAll(async () => {
  a = await ErlNode.start({ hidden: true, args })
  b = await ErlNode.start({ hidden: true, args, epmdPort: a.epmdPort })
  node = await startBeside(a, { decode: { floats: 'wrap' } })
  for (const module of ['walk_plan', 'walk_side', 'walk_sides', 'walk_driver', 'walk_chaos']) {
    const source = readFileSync(path.join(__dirname, `../walk/${module}.erl`), 'utf8')
    for (const erl of [a, b]) await erl.load(source)
  }
  for (const erl of [a, b]) await erl.eval('walk_side:start()')
  new JavaScriptSide(node)
})
afterAll(async () => {
  await node.stop()
  await a.stop()
  await b.stop()
})

/** The lines of a walk between `a` and another node. */
async function walk(peer: string, seed: number): Promise<string[]> {
  const lines = await a.evalBytes(`walk_driver:run('${peer}', ${seed}, ${steps})`, 60_000)
  return String(decode(lines)).split('\n')
}

/** The steps up to the first that differs, that one in both forms. */
function difference(seed: number, expected: string[], found: string[]): string | undefined {
  const at = expected.findIndex((line, i) => line !== found[i])
  if (at < 0) return undefined
  const before = expected.slice(0, at).join('\n')
  return `seed ${seed}\n${before}\nBEAM:     ${expected[at]}\nbeamlink: ${found[at]}`
}

async function differences(some: readonly number[]): Promise<string[]> {
  const found: string[] = []
  for (const seed of some) {
    const one = difference(seed, await walk(b.name, seed), await walk(node.name, seed))
    if (one !== undefined) found.push(one)
  }
  return found
}

describe('a random walk of links, monitors, exits, names and messages', () => {
  const portions = Array.from({ length: Math.ceil(count / portion) }, (_, i) =>
    seeds.slice(i * portion, (i + 1) * portion),
  )

  it.each(portions.map((some) => [some[0], some.at(-1), some] as const))(
    'has the outcomes of one between two Erlang nodes, seeds %i to %i',
    async (_from, _to, some) => {
      expect(await differences(some)).toEqual([])
    },
    300_000,
  )

  it('meets all that can happen', async () => {
    const lines: string[] = []
    for (let seed = 1; seed <= 20; seed += 1) lines.push(...(await walk(b.name, seed)))
    const met = lines.join('\n')
    for (const what of [
      '{spawn,a,',
      '{spawn,b,',
      "'EXIT'",
      "'DOWN'",
      'nodedown',
      'killed',
      'noproc',
      'noconnection',
    ]) {
      expect(met).toContain(what)
    }
    expect(met).not.toContain('failed')
  })
})

describe('links and monitors that cross on their way', () => {
  /** What a process hears that it should not, and does not hear that it should. */
  const chaos = (peer: string, seed: number) =>
    a.eval(`walk_chaos:run('${peer}', ${seed}, 300)`, 60_000)

  it('leave two Erlang nodes with the same', async () => {
    for (const seed of seeds.slice(0, 5))
      expect([seed, await chaos(b.name, seed)]).toEqual([seed, '[]'])
  })

  it('leave Erlang and us with the same', async () => {
    for (const seed of seeds) expect([seed, await chaos(node.name, seed)]).toEqual([seed, '[]'])
  }, 600_000)
})
