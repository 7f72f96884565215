import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads'
import { describe, expect, it } from 'vitest'
import { EncodeError, ErlangError } from '../../lib/errors.js'
import { errorFromWire, errorToWire } from '../../lib/tasks/wire/error-wire.js'
import { fromWire, toWire, type Wire } from '../../lib/tasks/wire/term-wire.js'
import { atom } from '../../lib/term/atom.js'
import { bitstring } from '../../lib/term/bitstring.js'
import { equals } from '../../lib/term/compare.js'
import { float } from '../../lib/term/float.js'
import { externalFun, Fun } from '../../lib/term/fun.js'
import { charlist, improper } from '../../lib/term/list.js'
import { LocalTerm } from '../../lib/term/local.js'
import { TermMap } from '../../lib/term/map.js'
import { Pid } from '../../lib/term/pid.js'
import { Port } from '../../lib/term/port.js'
import { RawTerm } from '../../lib/term/raw.js'
import { Reference } from '../../lib/term/reference.js'
import { tuple } from '../../lib/term/tuple.js'

const { port1, port2 } = new MessageChannel()

/** Through a real port. */
function across<Value>(value: Value): Value {
  port1.postMessage(value)
  return receiveMessageOnPort(port2)?.message as Value
}

const node = atom('a@b')
const bytes = Uint8Array.of(1, 2, 3)
const terms = [
  ...[1, -0.5, 2n ** 70n, true, null, 'text', [], [1, [2]], atom('atom'), float(1)],
  ...[tuple(), tuple(1, tuple('x')), improper([1], 2), charlist('κ'), bitstring(bytes, 3)],
  ...[Buffer.from('small'), new TermMap([[tuple(1), 2]]), new Pid(node, 1, 2, 3)],
  ...[new Reference(node, [1, 2, 3], 4), new Port(node, 5n, 6), externalFun('m', 'f', 1)],
  ...[new Fun(atom('m'), 1, 2, 3, bytes), new LocalTerm(bytes)],
]

describe('terms between threads', () => {
  it.each([undefined, Number.NaN, () => 1, Symbol('s'), [undefined], new Date()])(
    'refuse %s, which has no Erlang form',
    (value) => {
      expect(() => toWire(value)).toThrow('must be a value with an Erlang form')
    },
  )

  it.each(terms.map((term) => [term]))('%s stays what it is', (term) => {
    expect(equals(fromWire(across(toWire(term))), term)).toBe(true)
  })

  it('take maps, objects and raw terms', () => {
    expect(fromWire(across(toWire(new Map([['a', 1]]))))).toEqual(new TermMap([['a', 1]]))
    expect({ ...(fromWire(across(toWire({ a: { b: 1 } }))) as object) }).toMatchObject({
      a: { b: 1 },
    })
    expect(fromWire(across(toWire(new RawTerm(bytes))))).toEqual(new RawTerm(bytes))
  })

  it('carry no more bytes than a binary has', () => {
    const wire = toWire(Buffer.from('x')) as Extract<Wire, { b: Uint8Array }>
    expect(wire.b.buffer.byteLength).toBe(1)
  })
})

describe('errors between threads', () => {
  const back = (thrown: unknown) => errorFromWire(across(errorToWire(thrown)))

  it('keep class, message, code and stack', () => {
    const error = new RangeError('too far')
    expect(back(error)).toBeInstanceOf(RangeError)
    expect(back(error)).toMatchObject({ message: 'too far', stack: error.stack })
    expect(back(new EncodeError('no form'))).toMatchObject({ code: 'ERR_ERL_ENCODE' })
    expect(back(Object.assign(new Error('x'), { code: 'ENOENT' }))).toMatchObject({
      code: 'ENOENT',
    })
    expect(back(new DOMException('over', 'AbortError')).name).toBe('AbortError')
  })

  it('keep the reason of an ErlangError as a term', () => {
    const reason = tuple(atom('badarg'), 1)
    const remoteStack = [tuple(atom('m'), atom('f'), 1)]
    const given = { reason, remoteStack, remoteClass: 'exit' } as const
    const error = back(new ErlangError('ERR_ERL_REMOTE', 'failed', given))
    expect(error).toMatchObject({ code: 'ERR_ERL_REMOTE', remoteClass: 'exit' })
    expect(equals((error as ErlangError).reason as never, reason)).toBe(true)
  })

  it('say what was thrown that is no error', () => {
    expect(back('text').message).toBe('threw text (string)')
    expect(back(undefined).message).toBe('threw undefined (undefined)')
    expect(back(Object.create(null)).message).toBe('threw a value without text (object)')
  })
})
