import { readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { Op } from '../../lib/native/tape-ops.js'

const header = readFileSync(path.join(__dirname, '../../native/etf/tape.h'), 'utf8')

describe('the op codes of the tape', () => {
  it('are the same in native/etf/tape.h and lib/native/tape-ops.ts', () => {
    const [, members = ''] = /enum TapeOp : int32_t \{(.*?)\}/s.exec(header) ?? []
    const native = [...members.matchAll(/k(\w+) = (\d+),/g)].map(([, name, code]) => [
      name,
      Number(code),
    ])
    expect(native.length).toBeGreaterThan(20)
    expect(Object.fromEntries(native)).toEqual(Op)
  })
})
