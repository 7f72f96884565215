import { inspect } from 'node:util'
import { describe, expect, it, vi } from 'vitest'
import {
  EncodeError,
  ErlangError,
  type ErlangErrorCode,
  errorTable,
  invalidArgument,
  outOfRange,
  withAdvice,
} from '../../lib/errors.js'

describe('invalidArgument', () => {
  it.each([
    ['5s', 'got "5s" (string)'],
    [Number.NaN, 'got NaN (number)'],
    [-0, 'got -0 (number)'],
    [7n, 'got 7n (bigint)'],
    [undefined, 'got undefined'],
    [null, 'got null'],
    [true, 'got true (boolean)'],
    [Symbol('s'), 'got Symbol(s) (symbol)'],
    [() => 1, 'got an anonymous function (function)'],
    [parseInt, 'got function parseInt (function)'],
    [[1, 2], 'got an array of 2 (object)'],
    [{ a: 1, b: 2 }, 'got { a, b } (object)'],
    [{ a: 1, b: 2, c: 3, d: 4, e: 5, f: 6 }, 'got { a, b, c, d, e, … } (object)'],
    [new Date(0), 'got an instance of Date (object)'],
    [new (class {})(), 'got an instance of a class without name (object)'],
    ['x'.repeat(200), `got "${'x'.repeat(80)}"… (string)`],
  ])('names option, rule and value for %s', (value, got) => {
    const error = invalidArgument('timeoutMs', 'a number ≥ 0', value)
    expect(error).toBeInstanceOf(TypeError)
    expect(error.message).toBe(`timeoutMs must be a number ≥ 0, ${got}`)
  })

  it('does not run code of the value it shows', () => {
    const getter = vi.fn()
    invalidArgument(
      'term',
      'a term',
      Object.defineProperty({}, 'a', { get: getter, enumerable: true }),
    )
    expect(getter).not.toHaveBeenCalled()
  })
})

it('outOfRange gives a RangeError of the same form', () => {
  const error = outOfRange('port', 'an integer from 0 to 65535', 70000)
  expect(error).toBeInstanceOf(RangeError)
  expect(error.message).toBe('port must be an integer from 0 to 65535, got 70000 (number)')
})

describe('ErlangError', () => {
  it('is not confused with other errors or plain data', () => {
    const looksAlike = { name: 'ErlangError', code: 'ERR_ERL_TIMEOUT', message: '' }
    for (const value of [new Error('x'), looksAlike, null, undefined, 'ERR_ERL_TIMEOUT']) {
      expect(ErlangError.is(value)).toBe(false)
    }
  })

  it('has no reason, cause or remoteStack unless they were given', () => {
    const error = new ErlangError('ERR_ERL_TIMEOUT', 'no answer within 5000 ms')
    expect('reason' in error || 'cause' in error || 'remoteStack' in error).toBe(false)
    expect(inspect(error)).not.toContain('undefined')
  })

  it('keeps a reason that is undefined or null, since it was given', () => {
    expect('reason' in new ErlangError('ERR_ERL_REMOTE', 'm', { reason: null })).toBe(true)
  })

  it('carries code, message, reason, cause, remote stack, name and the stack of its maker', () => {
    const cause = new Error('socket closed')
    const error = new ErlangError('ERR_ERL_REMOTE', 'it failed', {
      cause,
      reason: ['badarg'],
      remoteStack: [],
    })
    expect(error).toBeInstanceOf(Error)
    expect(error).toMatchObject({
      code: 'ERR_ERL_REMOTE',
      message: 'it failed',
      name: 'ErlangError',
    })
    expect(error.cause).toBe(cause)
    expect(error.reason).toEqual(['badarg'])
    expect(error.remoteStack).toEqual([])
    expect(error.stack).toMatch(/^ErlangError: it failed\n.*errors\.test\.ts/)
    expect(String(error)).toBe('ErlangError: it failed')
  })

  it('is recognised when another copy of the package made it', async () => {
    vi.resetModules()
    const other = await import('../../lib/errors.js')
    const error = new other.ErlangError('ERR_ERL_AUTH', 'm')
    expect(other.ErlangError).not.toBe(ErlangError)
    expect(error).toBeInstanceOf(ErlangError)
    expect(ErlangError.is(error)).toBe(true)
  })
})

describe('errorTable', () => {
  it('says for every code of the design when it comes and what to do', () => {
    const codes =
      'TIMEOUT NOCONNECTION NOPROC NODEDOWN AUTH UNKNOWN_HOST NO_EPMD NODE_NOT_FOUND NAME_IN_USE ' +
      'NAME_LENGTH REFUSED RESOURCES BUSY ENCODE DECODE PROTOCOL CLOSED REMOTE NO_BINARY'
    expect(Object.keys(errorTable)).toEqual(codes.split(' ').map((code) => `ERR_ERL_${code}`))
    for (const { when, whatToDo } of Object.values(errorTable)) {
      expect(when).toMatch(/^[A-Za-z].*\.$/)
      expect(whatToDo).toMatch(/^[A-Z].*\.$/)
    }
  })

  it('gives its advice to errors and messages', () => {
    const code: ErlangErrorCode = 'ERR_ERL_AUTH'
    const error = new ErlangError(code, withAdvice(code, 'shop@127.0.0.1 has another cookie'))
    expect(error.whatToDo).toBe(errorTable[code].whatToDo)
    expect(error.message).toBe(`shop@127.0.0.1 has another cookie. ${errorTable[code].whatToDo}`)
  })
})

describe('EncodeError', () => {
  it('is a TypeError and an ErlangError, with its code', () => {
    const error = new EncodeError('[1]: undefined has no Erlang form')
    expect(error).toBeInstanceOf(TypeError)
    expect(error).toBeInstanceOf(ErlangError)
    expect(ErlangError.is(error)).toBe(true)
    expect(error.code).toBe('ERR_ERL_ENCODE')
    expect(error.whatToDo).toBe(errorTable.ERR_ERL_ENCODE.whatToDo)
    expect(new TypeError('x')).not.toBeInstanceOf(ErlangError)
  })
})
