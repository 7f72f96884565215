import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { decode, encode } from '../../lib/native/codec.js'
import { Atom } from '../../lib/term/atom.js'
import { equals } from '../../lib/term/compare.js'
import { externalFun, Fun } from '../../lib/term/fun.js'
import { Pid } from '../../lib/term/pid.js'
import { Port } from '../../lib/term/port.js'
import { Reference } from '../../lib/term/reference.js'
import type { TermInput } from '../../lib/term/term.js'
import { tuple } from '../../lib/term/tuple.js'
import { anyTerm, ORDERED } from '../helpers/term-samples.js'
import { ErlangCodec } from './erlang-codec.js'

const erlang = new ErlangCodec()
afterAll(() => erlang.stop())

const word = fc.integer({ min: 0, max: 0xffff_ffff })
const node = fc.constantFrom('a@host', 'b@host.example', 'ÿ@host').map((name) => Atom.of(name))
const name = fc.string({ minLength: 1, maxLength: 20 })

/** Runs of numbers of one sort and of mixed sorts, identifiers, and what is long. */
const special: fc.Arbitrary<TermInput> = fc.oneof(
  fc.array(fc.integer({ min: 0, max: 255 })),
  fc.array(fc.integer()),
  fc.array(fc.maxSafeInteger()),
  fc.array(fc.double({ noNaN: true, noDefaultInfinity: true })),
  fc.array(
    fc.oneof(fc.integer(), fc.maxSafeInteger(), fc.double({ noNaN: true }).filter(Number.isFinite)),
  ),
  fc.tuple(node, word, word, word).map((parts) => new Pid(...parts)),
  fc.tuple(node, fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), word).map((p) => new Port(...p)),
  fc
    .tuple(node, fc.array(word, { minLength: 1, maxLength: 5 }), word)
    .map((parts) => new Reference(...parts)),
  fc.tuple(name, name, fc.integer({ min: 0, max: 255 })).map((parts) => externalFun(...parts)),
  fc.integer({ min: 4_000, max: 140_000 }).map((length) => Buffer.alloc(length, 7)),
  fc.integer({ min: 40, max: 20_000 }).map((length) => 'aé€😀'.repeat(length)),
  fc.integer({ min: 95, max: 310 }).map(nested),
)

function nested(levels: number): TermInput {
  let term: TermInput = []
  for (let i = 0; i < levels; i++) term = i % 2 === 0 ? [i, term] : tuple(term, i)
  return term
}

/** Encodes, lets Erlang rewrite it, decodes, encodes again: the term never changes. */
async function survives(term: TermInput): Promise<void> {
  const sent = encode(term)
  const returned = decode(await erlang.rewritten(sent), { floats: 'wrap' })
  expect(equals(returned, decode(sent, { floats: 'wrap' }))).toBe(true)
  expect(await erlang.same(sent, encode(returned))).toBe(true)
}

describe('terms sent to a real Erlang and back', () => {
  it('come back as they were, whatever they are', async () => {
    await fc.assert(fc.asyncProperty(anyTerm, survives), { numRuns: 300 })
  })

  it('come back as they were when they are runs, identifiers, long or deep', async () => {
    const several = fc.array(special, { maxLength: 4 }).map((terms): TermInput => terms)
    await fc.assert(fc.asyncProperty(several, survives), { numRuns: 200 })
  })

  it('come back as they were at the borders of each type', async () => {
    // An emulator writes a fun that came from elsewhere in bytes of its own: golden.test.ts has them.
    for (const term of ORDERED.filter((term) => !Fun.is(term))) await survives(term)
  })
})

describe('random bytes', () => {
  it('give a term or ERR_ERL_DECODE, and nothing else', () => {
    const bytes = fc.uint8Array({ maxLength: 64 }).map((rest) => Buffer.from([131, ...rest]))
    fc.assert(fc.property(bytes, decodesOrRefuses), { numRuns: 2_000 })
  })

  it('give the same when they replace some of a real term', () => {
    const damaged = fc
      .tuple(
        anyTerm,
        fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), {
          minLength: 1,
          maxLength: 4,
        }),
      )
      .map(([term, changes]) => {
        const bytes = Buffer.from(encode(term))
        for (const [at, byte] of changes) bytes[at % bytes.length] = byte
        return bytes
      })
    fc.assert(fc.property(damaged, decodesOrRefuses), { numRuns: 2_000 })
  })
})

/** What decodes can be encoded; what does not is refused by name. */
function decodesOrRefuses(bytes: Buffer): void {
  let term: TermInput
  try {
    term = decode(bytes, { floats: 'wrap' })
  } catch (error) {
    expect(error).toMatchObject({ code: 'ERR_ERL_DECODE' })
    return
  }
  expect(equals(decode(encode(term), { floats: 'wrap' }), term)).toBe(true)
}
