import { mkdtempSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { TraceFile, traceFromEnvironment } from '../../lib/node/observe/trace-log.js'
import { until } from '../helpers/waiting.js'

let folder: string
let file: string
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'beamlink-trace-'))
  file = path.join(folder, 'trace')
})
afterEach(() => rmSync(folder, { recursive: true }))

describe('the trace that the environment asks for', () => {
  it.each([
    [{ BEAMLINK_TRACE: 'term' }, /BEAMLINK_TRACE must be terms or frames, got "term"/],
    [{ BEAMLINK_TRACE: 'terms', BEAMLINK_TRACE_LENGTH: 'x' }, /BEAMLINK_TRACE_LENGTH must be/],
    [{ BEAMLINK_TRACE: 'terms', BEAMLINK_TRACE_FILE: '/no/such/folder/file' }, /ENOENT/],
  ])('is refused for %o', (env, message) => {
    expect(() => traceFromEnvironment(env)).toThrow(message)
  })

  it.each([{}, { BEAMLINK_TRACE: '' }, { BEAMLINK_TRACE: '0' }])('is none for %o', (env) => {
    expect(traceFromEnvironment(env)).toBeUndefined()
  })
})

describe('the file of a trace', () => {
  it('is for its owner alone, and lines are added to what is there', () => {
    for (const line of ['one', 'two']) {
      const trace = new TraceFile(file)
      trace.line(line)
      trace.close()
    }
    expect(readFileSync(file, 'utf8')).toBe('one\ntwo\n')
    expect(statSync(file).mode & 0o777).toBe(0o600)
  })

  it('does without lines while the disk is full, warns once, and says how many', async () => {
    let room = 0
    const trace = new TraceFile(file, (fd, bytes) => {
      if (room === 0) throw Object.assign(new Error('ENOSPC: no space left'), { code: 'ENOSPC' })
      const count = writeSync(fd, bytes, 0, Math.min(room, bytes.length))
      room -= count
      return count
    })
    const warned = until<[Error]>(process, 'warning')
    room = 7
    trace.line('first')
    trace.line('second')
    trace.line('third')
    const [warning] = await warned
    expect(warning).toMatchObject({
      code: 'BEAMLINK_TRACE',
      message: expect.stringMatching(/ENOSPC/),
    })
    room = 1_000
    trace.line('fourth')
    trace.line('fifth')
    trace.close()
    expect(readFileSync(file, 'utf8')).toBe(
      'first\ns\n(2 frames are missing here)\nfourth\nfifth\n',
    )
  })
})
