import { describe, expect, it } from 'vitest'
import { Atom, atom } from '../../lib/term/atom.js'
import { erl } from '../../lib/term/erl.js'
import { format } from '../../lib/term/format.js'
import { charlist, improper } from '../../lib/term/list.js'
import { Pid } from '../../lib/term/pid.js'
import type { Term, TermInput } from '../../lib/term/term.js'
import { tuple } from '../../lib/term/tuple.js'

describe('erl refuses', () => {
  it.each([
    ['a string in place of a template', () => erl('{ok, 1}' as never)],
    ['undefined', () => erl`{ok, ${undefined as never}}`],
    ['a function', () => erl`[1 | ${(() => 1) as never}]`],
    ['an atom in a segment', () => erl`<<${atom('a')}:8>>`],
    ['a fraction in a segment of integers', () => erl`<<1, ${'text'}>>`],
    ['a number as a binary', () => erl`<<${1}/binary>>`],
    ['a binary shorter than its size', () => erl`<<${'ab'}:3/binary>>`],
    ['a size below 0', () => erl`<<1:${-1}>>`],
  ] as [string, () => unknown][])('%s with a TypeError', (_, run) => {
    expect(run).toThrow(TypeError)
  })

  it.each([
    ['variables', () => erl`{ok, Value}`, 'without variables'],
    ['a value in a string', () => erl`{"Hello ${'Ada'}"}`, 'no value inside a string'],
    ['a value in a quoted atom', () => erl`'a ${1}'`, 'no value inside a quoted atom'],
    ['a value in a comment', () => erl`ok % ${1}`, 'no value inside a comment'],
    ['a value as a character', () => erl`$${1}`, 'no value inside a character'],
    ['a value as part of a number', () => erl`{1${2}}`, '"," or "}"'],
    ['a value as part of an atom', () => erl`{order_${2}}`, '"," or "}"'],
    ['a value behind a sign', () => erl`-${2}`, 'a number behind its sign'],
    ['a function by values', () => erl`fun ${'m'}:f/1`, 'the module of a fun'],
    ['nothing', () => erl``, 'a term'],
  ] as [string, () => unknown, string][])('%s with a TermSyntaxError', (_, run, expected) => {
    expect(run).toThrow(expected)
    expect(run).toThrow(SyntaxError)
  })

  it('says which value is wrong and where the template is', () => {
    expect(() => erl`{${1}, ${undefined as never}}`).toThrow(
      'value 2 of the template must be a value with an Erlang form, got undefined',
    )
    expect(() => erl`{a, ${1} ${2}}`).toThrow(`{a, $\{} $\{}}\n        ^`)
  })
})

describe('erl makes', () => {
  const pid = new Pid(Atom.of('shop@127.0.0.1'), 87, 0, 5)

  it.each([
    [erl`{order, ${42}, [{qty, ${3}}]}`, tuple(atom('order'), 42, [tuple(atom('qty'), 3)])],
    [erl`${'text'}`, 'text'],
    [erl`{ok, ${'Value}, {x'}}.`, tuple(atom('ok'), 'Value}, {x')],
    [erl`[${1} | ${[2, 3]}]`, [1, 2, 3]],
    [erl`[1 | ${2}]`, improper([1], 2)],
    [erl`[1 | ${improper([2], 3)}]`, improper([1, 2], 3)],
    [erl`[1 | ${charlist('a')}]`, [1, 97]],
    [
      erl`#{${pid} => ${null}, a => #{b => ${true}}}`,
      new Map<TermInput, TermInput>([
        [pid, atom('nil')],
        [atom('a'), new Map([[atom('b'), true]])],
      ]),
    ],
    [erl`#{${1} => a, 1 => b}`, new Map([[1, atom('b')]])],
    [
      erl`<<1, ${2}, "a", ${515}:16/little, ${'é'}/binary, ${8364}/utf8>>`,
      Buffer.from('0102610302c3a9e282ac', 'hex'),
    ],
    [erl`<<${5}:3, 1:${5}>>`, Buffer.of(0b10100001)],
    [erl`<<${'abc'}:2/binary>>`, 'ab'],
    [erl`<<${1.5}/float>>`, Buffer.from('3ff8000000000000', 'hex')],
    [erl`{'it\'s', "\x{20AC}\n", $\n}`, tuple(atom("it's"), charlist('€\n'), 10)],
  ] as [TermInput, TermInput][])('%#: a term with values in it', (made, term) => {
    expect(format(made)).toBe(format(term))
  })

  it('its term anew each time', () => {
    const made = () => erl`{a, [${1}], <<"b">>}` as unknown as [unknown, Term[], Buffer]
    const [, list, bytes] = made()
    list.push(2)
    bytes[0] = 0
    expect(format(made() as unknown as Term)).toBe('{a,[1],<<"b">>}')
  })
})
