import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Output, type Streams } from '../../lib/cli/output/output.js'
import { Progress } from '../../lib/cli/output/progress.js'
import { atom, ErlangError } from '../../lib/index.js'

const settings = { json: false, charlists: false, color: undefined, verbose: false }

describe('what a command prints', () => {
  it.each([
    ['in colour at a terminal', { isTTY: true }, {}, undefined, true],
    ['without where nobody looks', { isTTY: false }, {}, undefined, false],
    ['without where NO_COLOR is set', { isTTY: true }, { NO_COLOR: '1' }, undefined, false],
    ['in colour where NO_COLOR is empty', { isTTY: true }, { NO_COLOR: '' }, undefined, true],
    ['without at a dumb terminal', { isTTY: true }, { TERM: 'dumb' }, undefined, false],
    ['in colour where that is asked for', { isTTY: false }, { NO_COLOR: '1' }, true, true],
    ['without where that is asked for', { isTTY: true }, {}, false, false],
  ])('is %s', (_name, terminal, env, color, isPainted) => {
    const { streams, stdout, stderr } = recorded(terminal, env)
    const output = new Output(streams, { ...settings, color })
    output.term(atom('ok'))
    output.failure(new Error('no'))
    expect(stdout.join('').includes('\x1b[')).toBe(isPainted)
    expect(stderr.join('').includes('\x1b[')).toBe(isPainted)
  })

  it('is broken into lines of the terminal, and of 80 where that does not know its own', () => {
    const list = Array.from({ length: 60 }, (_, index) => index)
    const widths = [40, 0].map((columns) => {
      const { streams, stdout } = recorded({ isTTY: true, columns }, { NO_COLOR: '1' })
      new Output(streams, settings).term(list)
      return Math.max(
        ...stdout
          .join('')
          .split('\n')
          .map(({ length }) => length),
      )
    })
    expect(widths[0]).toBeLessThanOrEqual(40)
    expect(widths[1]).toBeGreaterThan(60)
    expect(widths[1]).toBeLessThanOrEqual(80)
  })

  it('has the stacks of both sides with --verbose only', () => {
    const error = new ErlangError('ERR_ERL_REMOTE', 'it failed', {
      remoteStack: [atom('remote_frame')],
      cause: new Error('underneath'),
    })
    const texts = [true, false].map((verbose) => {
      const { streams, stderr } = recorded({}, {})
      new Output(streams, { ...settings, verbose }).failure(error)
      return stderr.join('')
    })
    expect(texts[0]).toMatch(/at the peer: \[remote_frame\]\ncaused by\nError: underneath/)
    expect(texts[1]).toBe('beamlink: it failed (ERR_ERL_REMOTE)\n')
  })
})

describe('the progress of what takes long', () => {
  beforeEach(() => vi.useFakeTimers())
  afterEach(() => vi.useRealTimers())

  it('is shown to a person after a second, and gone at the end', () => {
    const { streams, stderr } = recorded({ isTTY: true }, {})
    const progress = new Progress(streams.stderr, 'waiting')
    vi.advanceTimersByTime(900)
    expect(stderr).toEqual([])
    vi.advanceTimersByTime(1_200)
    expect(stderr.at(-1)).toMatch(/waiting … 2s$/)
    progress.stop()
    expect(stderr.at(-1)).toBe('\r\x1b[K')
    vi.advanceTimersByTime(5_000)
    expect(stderr.at(-1)).toBe('\r\x1b[K')
  })

  it('is not shown to a program', () => {
    const { streams, stderr } = recorded({ isTTY: false }, {})
    const progress = new Progress(streams.stderr, 'waiting')
    vi.advanceTimersByTime(5_000)
    progress.stop()
    expect(stderr).toEqual([])
  })
})

function recorded(terminal: { isTTY?: boolean; columns?: number }, env: NodeJS.ProcessEnv) {
  const stdout: string[] = []
  const stderr: string[] = []
  const stream = (into: string[]) => ({
    ...terminal,
    write: (text: string | Uint8Array) => into.push(String(text)) > 0,
  })
  const streams: Streams = { stdout: stream(stdout), stderr: stream(stderr), env }
  return { streams, stdout, stderr }
}
