import { describe, expect, it } from 'vitest'
import { Atom, atom } from '../../lib/term/atom.js'
import { bitstring } from '../../lib/term/bitstring.js'
import { float } from '../../lib/term/float.js'
import { externalFun, Fun } from '../../lib/term/fun.js'
import { improper } from '../../lib/term/list.js'
import { TermMap } from '../../lib/term/map.js'
import { Pid } from '../../lib/term/pid.js'
import { Port } from '../../lib/term/port.js'
import { Reference } from '../../lib/term/reference.js'
import {
  isAtom,
  isBinary,
  isBitString,
  isFloat,
  isFun,
  isImproperList,
  isInteger,
  isList,
  isPid,
  isPort,
  isReference,
  isTagged,
  isTermMap,
  isTuple,
} from '../../lib/term/term.js'
import { tuple } from '../../lib/term/tuple.js'

const shop = Atom.of('shop@127.0.0.1')

/** For each guard the values it takes; it must refuse those of every other row. */
const ROWS: readonly [(value: unknown) => boolean, readonly unknown[]][] = [
  [isAtom, [atom('ok')]],
  [isTuple, [tuple(), tuple(atom('ok'), 1)]],
  [isInteger, [0, -5, 2 ** 53 - 1, 7n]],
  [isFloat, [0.5, -0, 2 ** 53, float(1)]],
  [isList, [[], [1]]],
  [isImproperList, [improper([1], 2)]],
  [isBinary, ['', 'text', Buffer.of(1)]],
  [isBitString, [bitstring(Buffer.of(1), 3)]],
  [isTermMap, [new TermMap()]],
  [isPid, [new Pid(shop, 1, 0, 5)]],
  [isPort, [new Port(shop, 1n, 5)]],
  [isReference, [new Reference(shop, [1], 5)]],
  [isFun, [externalFun('m', 'f', 1), new Fun(atom('m'), 1, 0, 7, Buffer.of(112))]],
]

const NEITHER = [true, false, null, undefined, Number.NaN, Number.POSITIVE_INFINITY, {}, new Map()]

describe('a guard', () => {
  it.each(ROWS.map(([guard, own]) => ({ name: guard.name, guard, own })))(
    '$name takes its own kind alone',
    ({ guard, own }) => {
      const others = ROWS.flatMap(([, values]) => (values === own ? [] : values))
      for (const value of [...others, ...NEITHER])
        expect([value, guard(value)]).toEqual([value, false])
      for (const value of own) expect([value, guard(value)]).toEqual([value, true])
    },
  )
})

describe('isAtom with a name', () => {
  it('takes the atom of that name alone', () => {
    expect(isAtom(atom('ok'), 'error')).toBe(false)
    expect(isAtom('ok', 'ok')).toBe(false)
    expect(isAtom(atom('ok'), 'ok')).toBe(true)
  })

  it('takes a boolean by its name, though a boolean is no Atom', () => {
    expect([
      isAtom(true),
      isAtom(true, 'true'),
      isAtom(true, 'false'),
      isAtom(false, 'false'),
    ]).toEqual([false, true, false, true])
  })
})

describe('isTuple with an arity', () => {
  it('counts the elements', () => {
    expect([isTuple(tuple(1, 2), 1), isTuple([1, 2], 2), isTuple(tuple(1, 2), 2)]).toEqual([
      false,
      false,
      true,
    ])
  })
})

describe('isTagged', () => {
  it('refuses other tags, other arities and what is no tuple', () => {
    expect(isTagged(tuple(atom('ok'), 1), 'error')).toBe(false)
    expect(isTagged(tuple(atom('ok'), 1), 'ok', 3)).toBe(false)
    expect(isTagged(tuple('ok', 1), 'ok')).toBe(false)
    expect(isTagged(tuple(), 'ok')).toBe(false)
    expect(isTagged([atom('ok'), 1], 'ok')).toBe(false)
    expect(isTagged(null, 'ok')).toBe(false)
  })

  it('takes a tuple by its first element, a boolean too', () => {
    expect(isTagged(tuple(atom('ok'), 1), 'ok')).toBe(true)
    expect(isTagged(tuple(atom('ok'), 1), 'ok', 2)).toBe(true)
    expect(isTagged(tuple(true, 1), 'true', 2)).toBe(true)
  })
})
