import { atom, charlist, decode, encode, type TermInput, tuple } from 'beamlink'
import { describe, expect, it } from 'vitest'
import { compareReplies } from '../helpers/freeswitch/compare.js'

const string = { encoding: 'string', isTrimmed: false } as const
const binary = { encoding: 'binary', isTrimmed: false } as const
const trimmed = { encoding: 'string', isTrimmed: true } as const

function replies(...all: TermInput[]) {
  return decode(encode(all.map((term) => tuple(atom('main'), term))))
}

function event(...pairs: [string, string][]): TermInput {
  const texts = pairs.map(([name, value]) => tuple(charlist(name), charlist(value)))
  return tuple(atom('event'), [atom('undefined'), ...texts])
}

const ok = (text: TermInput) => tuple(atom('ok'), text)

describe('the comparison of recorded and actual replies', () => {
  it('finds what is missing, too much, or in another order', () => {
    const [first, second] = [ok(charlist('1')), ok(charlist('2'))]
    expect(compareReplies(replies(first, second), replies(first), string)).toContain('missing')
    expect(compareReplies(replies(first), replies(first, second), string)).toContain('too much')
    expect(compareReplies(replies(first, second), replies(second, first), string)).toBeDefined()
    expect(compareReplies(replies(first, second), replies(first, second), string)).toBeUndefined()
  })

  it('wants text in the type of the encoding', () => {
    const recorded = replies(ok(charlist('hello')))
    expect(compareReplies(recorded, replies(ok('hello')), string)).toBeDefined()
    expect(compareReplies(recorded, replies(ok('hello')), binary)).toBeUndefined()
    expect(compareReplies(recorded, recorded, binary)).toBeDefined()
  })

  it('wants all pairs of a whole event, in order', () => {
    const whole = replies(event(['Event-Name', 'API'], ['k', 'v']))
    const more = replies(event(['Event-Name', 'API'], ['x', 'y'], ['k', 'v']))
    const turned = replies(event(['k', 'v'], ['Event-Name', 'API']))
    expect(compareReplies(whole, more, string)).toBeDefined()
    expect(compareReplies(whole, turned, string)).toBeDefined()
    expect(compareReplies(whole, whole, string)).toBeUndefined()
  })

  it('wants the pairs of a trimmed event among others, in order', () => {
    const some = replies(event(['Event-Name', 'API'], ['k', 'v']))
    const more = replies(event(['Event-Name', 'API'], ['x', 'y'], ['k', 'v']))
    const turned = replies(event(['k', 'v'], ['Event-Name', 'API']))
    expect(compareReplies(some, more, trimmed)).toBeUndefined()
    expect(compareReplies(some, turned, trimmed)).toBeDefined()
    expect(compareReplies(more, some, trimmed)).toBeDefined()
  })

  it('compares what depends on the time by its shape, and no other number', () => {
    const at = (sequence: string, number: string) =>
      replies(event(['Event-Sequence', sequence], ['Channel-State-Number', number]))
    expect(compareReplies(at('17', '4'), at('3', '4'), string)).toBeUndefined()
    expect(compareReplies(at('17', '4'), at('x', '4'), string)).toBeDefined()
    expect(compareReplies(at('17', '4'), at('17', '5'), string)).toBeDefined()
  })

  it('takes ids that are made anew for the recorded ones, each for the same', () => {
    const id = (digit: string) => charlist(`${digit.repeat(8)}-0000-4000-8000-000000000000`)
    const job = (first: string, second: string) =>
      replies(ok(id(first)), tuple(atom('bgok'), id(second), charlist('x')))
    expect(compareReplies(job('1', '1'), job('2', '2'), string)).toBeUndefined()
    expect(compareReplies(job('1', '1'), job('2', '3'), string)).toBeDefined()
  })
})
