import { describe, expect, it } from 'vitest'
import { readCallCommand } from '../../lib/freeswitch/host/calls/call-command.js'
import { parseTarget, separate } from '../../lib/freeswitch/host/calls/target.js'
import { hangupCauseOf } from '../../lib/freeswitch/protocol/hangup-causes.js'
import { isBoundTo, sectionLabel, sectionMask } from '../../lib/freeswitch/protocol/sections.js'
import { parseXml } from '../../lib/freeswitch/protocol/xml.js'
import { atom, Pid } from '../../lib/index.js'

const node = 'n@h'

describe('the target of the application erlang', () => {
  it.each(['', ' ', 'name', "'name n@h'", ':! n@h', 'mod: n@h', ':fun n@h', ': n@h', "'' n@h"])(
    'is none in %j',
    (text) => expect(parseTarget(text)).toBeUndefined(),
  )

  it.each([
    ['name n@h', { kind: 'name', name: 'name', node }],
    ['  name   n@h and more', { kind: 'name', name: 'name', node }],
    ['a:b:c n@h', { kind: 'name', name: 'a:b:c', node }],
    ['name:! n@h', { kind: 'getPid', name: 'name', node }],
    ['name:!x n@h', { kind: 'rpc', module: 'name', function: '!x', node }],
    ['mod:fun n@h', { kind: 'rpc', module: 'mod', function: 'fun', node }],
    ["'with blank':! n@h", { kind: 'getPid', name: 'with blank', node }],
    ['with\\ blank n@h', { kind: 'name', name: 'with blank', node }],
    ['with\\sblank n@h', { kind: 'name', name: 'with blank', node }],
  ])('is read from %j', (text, target) => expect(parseTarget(text)).toEqual(target))

  it.each([
    ["it's here", ["it's", 'here']],
    ["a'b c'd e", ['ab cd', 'e']],
    ["'a\\'b c' d", ["a'b c", 'd']],
    ['a\\qb c', ['a\\qb', 'c']],
    ['a\\\\ b', ['a\\', 'b']],
    ['a\\', ['a\\']],
    ["'a\\nb'", ['a\nb']],
    ["'é ü' ☎", ['é ü', '☎']],
  ])('has its words from %j', (text, words) => expect(separate(text)).toEqual(words))

  it('does not take long for odd text', () => {
    const odd = ["'".repeat(20_001), '\\'.repeat(100_001), `'${'\\\\'.repeat(50_000)}`]
    for (const text of odd) expect(separate(text).length).toBeLessThan(3)
  })
})

describe('sections of XML', () => {
  it.each(['', 'phrases', 'result', 'conf', 'dir', 'dialp'])('are not named by %j', (text) =>
    expect(sectionMask(text)).toBe(0),
  )

  it.each([
    ['config', 'config', 'configuration'],
    ['Configuration', 'config', 'configuration'],
    ['xDIRECTORYx', 'directory', 'directory'],
    ['dialplan', 'dialplan', 'dialplan'],
    ['languages', 'phrases', 'languages'],
    ['chatplan', 'chatplan', 'chatplan'],
    ['channels', 'unknown 32', 'channels'],
  ] as const)('are named by %j', (text, label, section) => {
    expect(sectionLabel(sectionMask(text))).toBe(label)
    expect(isBoundTo(sectionMask(text), section)).toBe(true)
  })

  it('are never those of a binding that names two', () => {
    const mask = sectionMask('directory,dialplan')
    expect(sectionLabel(mask)).toBe('unknown 6')
    expect(isBoundTo(mask, 'directory')).toBe(false)
  })
})

describe('hangup causes', () => {
  it.each([
    ['USER_BUSY', 'USER_BUSY'],
    ['user_busy', 'USER_BUSY'],
    ['17', 'USER_BUSY'],
    ['17 of them', 'USER_BUSY'],
    ['0', 'NONE'],
    ['', 'NORMAL_CLEARING'],
    ['-1', 'NORMAL_CLEARING'],
    ['4', 'NORMAL_CLEARING'],
    ['toString', 'NORMAL_CLEARING'],
    ['__proto__', 'NORMAL_CLEARING'],
  ])('read %j as %s', (text, cause) => expect(hangupCauseOf(text)).toBe(cause))
})

describe('commands to a call', () => {
  const from = new Pid(atom('a@b') as never, 1, 0, 1)
  const read = (...headers: [string, string][]) => readCallCommand(headers, from)

  it('are unknown without a call-command, and in other letters', () => {
    expect(read()).toMatchObject({ kind: 'unknown', command: undefined })
    expect(read(['call-command', 'EXECUTE'])).toMatchObject({ kind: 'unknown', command: 'EXECUTE' })
  })

  it('have loops that make sense', () => {
    const loops = (value: string) =>
      read(['call-command', 'execute'], ['execute-app-name', 'set'], ['loops', value])
    for (const [text, number] of Object.entries({ '2': 2, '-1': -1, '0': 1, x: 1, '3x': 3 })) {
      expect(loops(text)).toMatchObject({ loops: number })
    }
  })

  it('take the first of two headers', () => {
    const command = read(['call-command', 'hangup'], ['CALL-COMMAND', 'execute'])
    expect(command.kind).toBe('hangup')
  })
})

describe('XML', () => {
  it.each([
    ['', /no root element/],
    ['this is not xml', /before first tag. in line 1/],
    ['<a>', /Unclosed root tag/],
    ['<a>\n\n<b></a>', /Unexpected close tag in line 3/],
    ['<a b=c/>', /Unquoted attribute value/],
    ['<a>&nope;</a>', /Invalid character entity/],
    ['<a/><b/>', /more than one root element/],
    ['<a/>x', /outside of root node/],
    ['<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>', /entity/],
    ['<a', /Unexpected end/],
  ])('is not %j', (text, message) => expect(() => parseXml(text)).toThrow(message))

  it('is read with elements and attributes', () => {
    const { name, attributes, children } = parseXml(
      '<?xml version="1.0"?><!-- x --><a constructor="1">text<b c="&lt;&#233;"/></a>',
    )
    expect([name, attributes.get('constructor'), children[0]?.attributes.get('c')]).toEqual([
      'a',
      '1',
      '<é',
    ])
  })

  it('is refused when it is nested without end', () => {
    const depth = 100_000
    expect(() => parseXml('<a>'.repeat(depth) + '</a>'.repeat(depth))).toThrow(SyntaxError)
  })
})
