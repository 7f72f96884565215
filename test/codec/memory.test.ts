import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { deflateSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { decode, encode } from '../../lib/native/codec.js'
import type { TermMap } from '../../lib/term/map.js'
import { RawTerm } from '../../lib/term/raw.js'
import { Tuple, tuple } from '../../lib/term/tuple.js'

describe('the memory of decoded binaries', () => {
  it('is that of the bytes for a large binary that is most of them', () => {
    const bytes = encode(tuple(1, Buffer.alloc(5_000, 1)))
    const [, binary] = decode(bytes) as unknown as [number, Buffer]
    expect(binary.buffer).toBe(bytes.buffer)
    expect(binary).toEqual(Buffer.alloc(5_000, 1))
  })

  it('is their own for large binaries that are less than half', () => {
    const bytes = encode([Buffer.alloc(5_000, 1), Buffer.alloc(5_000, 2), Buffer.alloc(5_000, 3)])
    for (const [i, binary] of (decode(bytes) as Buffer[]).entries()) {
      expect(binary.buffer).not.toBe(bytes.buffer)
      expect(binary.buffer.byteLength).toBe(5_000)
      expect(binary).toEqual(Buffer.alloc(5_000, i + 1))
    }
  })

  it('is shared in small pieces by small ones, which keep what they hold', () => {
    const values = Array.from({ length: 5_000 }, (_, i) => Buffer.alloc(i % 50, i))
    const bytes = Buffer.from(encode(values))
    const decoded = decode(bytes) as Buffer[]
    bytes.fill(0)
    decode(encode(values.map((value) => Buffer.alloc(value.length, 255))))
    expect(decoded).toEqual(values)
    for (const binary of decoded) expect(binary.buffer.byteLength).toBeLessThanOrEqual(32 * 1024)
  })

  it('is not the memory of other values', () => {
    const [a, b] = decode(encode(['aaaa', 'bbbb'])) as [Buffer, Buffer]
    a.fill('x')
    expect(b.toString()).toBe('bbbb')
    expect((decode(encode(['aaaa'])) as [Buffer])[0].toString()).toBe('aaaa')
  })
})

describe('the memory of encoded bytes', () => {
  it('is shared by small results, which keep what they hold', () => {
    const results = Array.from({ length: 3_000 }, (_, i) => encode(['result', i]))
    const sizes = results.map((bytes) => bytes.buffer.byteLength)
    expect(Math.max(...sizes)).toBeLessThanOrEqual(32 * 1024)
    expect(new Set(results.map((bytes) => bytes.buffer)).size).toBeLessThan(30)
    for (const [i, bytes] of results.entries()) {
      expect(decode(bytes)).toEqual([Buffer.from('result'), i])
    }
  })

  it.each([3_000, 9_000, 30_000, 65_535, 65_536, 200_000, 5_000_000])(
    'is right for a binary of %i bytes',
    (length) => {
      const value = Buffer.alloc(length, 'binary')
      const [, binary] = decode(encode([1, value, 'end'])) as [number, Buffer]
      expect(binary.equals(value)).toBe(true)
    },
  )

  it.each([
    ['many small integers', Array.from({ length: 70_000 }, (_, i) => i)],
    ['many floats', Array.from({ length: 70_000 }, (_, i) => i + 0.5)],
    ['many wide integers', Array.from({ length: 70_000 }, (_, i) => i + 2 ** 40)],
    ['many values of mixed sorts', Array.from({ length: 30_000 }, (_, i) => [i, i + 0.5, []])],
    ['many of many sorts', Array.from({ length: 10_000 }, (_, i) => [`text ${i}`, { i }, -i])],
  ])('is right for %s', (_, value) => {
    expect(decode(encode(value), { binaries: 'utf8', maps: 'object' })).toEqual(value)
  })

  it('is right for values that fill the shared memory to its end', () => {
    for (let length = 1; length < 2_000; length += 7) {
      const text = 'x'.repeat(length)
      expect(decode(encode([text]), { binaries: 'utf8' })).toEqual([text])
    }
  })
})

describe('the memory of large terms', () => {
  setFlagsFromString('--expose-gc')
  const collect: () => void = runInNewContext('gc')
  const arrayBuffers = async () => {
    // Memory goes in turns: the first collection finds it, the next ones sweep it.
    for (let i = 0; i < 3; i++) {
      await new Promise(setImmediate)
      collect()
    }
    return process.memoryUsage().arrayBuffers
  }

  it.each([
    ['integers', () => Array.from({ length: 3_000_000 }, () => 1_000)],
    ['texts', () => Array.from({ length: 200_000 }, () => 'x'.repeat(50))],
    ['a binary', () => Buffer.alloc(30_000_000)],
  ])('is given back after encoding and decoding them: %s', async (_, make) => {
    const before = await arrayBuffers()
    let bytes: Buffer | undefined = encode(make())
    decode(bytes)
    expect((await arrayBuffers()) - before).toBeLessThan(bytes.length * 1.5)
    bytes = undefined
    expect((await arrayBuffers()) - before).toBeLessThan(2_000_000)
  })
})

describe('what counts as bytes', () => {
  const content = Buffer.from([1, 2, 3, 4])
  const shared = new Uint8Array(new SharedArrayBuffer(4))
  shared.set(content)

  it.each([
    ['a Uint8Array', Uint8Array.from(content)],
    ['a part of a Uint8Array', new Uint8Array([0, ...content, 0]).subarray(1, 5)],
    ['an ArrayBuffer', Uint8Array.from(content).buffer],
    ['a SharedArrayBuffer', shared.buffer],
    ['a Uint8Array over shared memory', shared],
    ['a DataView', new DataView(new Uint8Array([0, ...content, 0]).buffer, 1, 4)],
  ])('is %s', (_, bytes) => {
    expect(decode(encode(bytes as never))).toEqual(content)
  })

  it('is shared memory of any size', () => {
    const large = new Uint8Array(new SharedArrayBuffer(100_000)).fill(5)
    const [decoded] = decode(encode([large])) as [Buffer]
    expect(decoded.equals(large)).toBe(true)
  })

  it('can be decoded from', () => {
    const bytes = encode(['a', 1])
    const memory = new Uint8Array(new SharedArrayBuffer(bytes.length))
    memory.set(bytes)
    expect(decode(memory)).toEqual([Buffer.from('a'), 1])
    expect(decode(Uint8Array.from(bytes))).toEqual([Buffer.from('a'), 1])
    expect(decode(Buffer.concat([Buffer.alloc(5), bytes]).subarray(5))).toEqual([
      Buffer.from('a'),
      1,
    ])
  })
})

describe('what is decoded from shared memory', () => {
  const sharedCopy = (bytes: Uint8Array) => {
    const memory = new Uint8Array(new SharedArrayBuffer(bytes.length))
    memory.set(bytes)
    return memory
  }

  it('stays as it was when the memory changes', () => {
    const large = Buffer.alloc(100_000, 1)
    const memory = sharedCopy(encode(large))
    const decoded = decode(memory)
    memory.fill(2)
    expect(large.equals(decoded as Buffer)).toBe(true)
  })

  it('may be compressed', () => {
    const stream = deflateSync(encode('x'.repeat(1000)).subarray(1))
    const bytes = Buffer.concat([Buffer.of(131, 80, 0, 0, 1005 >> 8, 1005 & 0xff), stream])
    expect(decode(sharedCopy(bytes), { binaries: 'utf8' })).toBe('x'.repeat(1000))
  })
})

describe('values that encode while they are being encoded', () => {
  it('spoil neither the inner nor the outer term', () => {
    const inner: Buffer[] = []
    const value = {
      before: 'x'.repeat(100),
      get now() {
        inner.push(encode({ inner: [1, 2, 3], text: 'y'.repeat(200_000) }))
        return 'between'
      },
      after: [1, 2, { z: Buffer.alloc(70_000, 9) }],
    }
    const options = { binaries: 'utf8', maps: 'object' } as const
    expect(decode(encode(value), options)).toEqual({
      before: 'x'.repeat(100),
      now: 'between',
      after: [1, 2, { z: Buffer.alloc(70_000, 9).toString('latin1') }],
    })
    expect(inner).toHaveLength(1)
    expect(decode(inner[0] as Buffer, options)).toEqual({
      inner: [1, 2, 3],
      text: 'y'.repeat(200_000),
    })
  })

  it('may throw, and the next value is encoded as if nothing had been', () => {
    const failing = {
      get x(): number {
        throw new RangeError('from the getter')
      },
    }
    expect(() => encode([1, failing])).toThrow(new RangeError('from the getter'))
    expect(decode(encode([1, 2]))).toEqual([1, 2])
  })

  it('may change the collections around them', () => {
    const map = new Map<string, unknown>([['a', 1]])
    const numbers = [
      {
        get y() {
          numbers.push(3, 4, 5)
          return 1
        },
      },
      1,
      2,
    ] as unknown[]
    const list = [
      {
        get x() {
          map.set('b', 2)
          return 1
        },
      },
      map,
      numbers,
    ]
    const decoded = decode(encode(list as never)) as [TermMap, TermMap, unknown[]]
    expect(decoded[1].size).toBe(2)
    expect(decoded[2].slice(1)).toEqual([1, 2])
  })
})

describe('raw terms', () => {
  it('are written as they are, at any place', () => {
    const raw = new RawTerm(encode(tuple('inner', [1, 2])).subarray(1))
    expect(decode(encode([raw, 3]), { binaries: 'utf8' })).toEqual([
      new Tuple(['inner', [1, 2]]),
      3,
    ])
  })
})
