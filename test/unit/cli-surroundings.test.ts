import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { explain } from '../../lib/cli/advice.js'
import { exitCodeOf } from '../../lib/cli/exit-code.js'
import { fullPeerName, ownName } from '../../lib/cli/own-name.js'
import { resolveSettings } from '../../lib/cli/settings.js'
import { History, historyFile } from '../../lib/cli/shell/history.js'
import { Interrupted, UsageError } from '../../lib/cli/usage-error.js'
import { ErlangError, type ErlangErrorCode, errorTable } from '../../lib/index.js'

describe('the name of the node of a command', () => {
  const machine = { hostName: 'box', address: '10.0.0.5' }

  it.each([
    ['shop@127.0.0.1', '127.0.0.1'],
    ['shop@localhost', 'localhost'],
    ['shop@::1', '::1'],
    ['shop@other', 'box'],
    ['shop@other.example.org', '10.0.0.5'],
  ])('for %s has the host %s', (peer, host) => {
    expect(ownName(peer, machine)).toMatch(/^beamlink_\d+_[0-9a-f]{6}@/)
    expect(ownName(peer, machine).split('@')[1]).toBe(host)
  })

  it('has the long name of the machine where it has one', () => {
    const long = { hostName: 'box.example.org', address: undefined }
    expect(ownName('shop@other.example.org', long)).toMatch(/@box\.example\.org$/)
    expect(ownName('shop@other', long)).toMatch(/@box$/)
    expect(ownName('shop@10.1.1.1', { hostName: 'box', address: undefined })).toMatch(
      /@127\.0\.0\.1$/,
    )
  })

  it('is another each time', () => {
    expect(ownName('shop@box', machine)).not.toBe(ownName('shop@box', machine))
  })

  it('completes the short name of a peer', () => {
    expect(fullPeerName('shop', { hostName: 'box.example.org', address: undefined })).toBe(
      'shop@box',
    )
    expect(fullPeerName('shop@there', machine)).toBe('shop@there')
  })
})

describe('the settings', () => {
  it('are refused with the option, and without the cookie', () => {
    expect(() => resolveSettings({ cookie: 'hush', cookieFile: 'f' }, {})).toThrow(
      '--cookie and --cookie-file cannot be given together',
    )
    expect(() => resolveSettings({ cookie: '' }, {})).toThrow('--cookie must not be empty')
    expect(() => resolveSettings({ epmdPort: '70000' }, {})).toThrow(
      '--epmd-port must be a whole number from 1 to 65535, got "70000"',
    )
  })

  it('take the cookie of the environment unless another is given', () => {
    const env = { BEAMLINK_COOKIE: 'outer' }
    expect(resolveSettings({}, env).cookie).toBe('outer')
    expect(resolveSettings({ cookie: 'given' }, env).cookie).toBe('given')
    expect(resolveSettings({ cookieFile: 'f' }, env).cookie).toBeUndefined()
    expect(resolveSettings({}, { BEAMLINK_COOKIE: '' }).cookie).toBeUndefined()
  })
})

describe('the exit code', () => {
  it.each([
    [new Interrupted('SIGINT'), 130],
    [new Interrupted('SIGTERM'), 143],
    [new UsageError('no'), 2],
    [new RangeError('name must be …'), 2],
    [new Error('whatever'), 5],
    [new ErlangError('ERR_ERL_REMOTE', 'x'), 1],
    [new ErlangError('ERR_ERL_AUTH', 'x'), 3],
    [new ErlangError('ERR_ERL_TIMEOUT', 'x'), 4],
    [new ErlangError('ERR_ERL_NO_BINARY', 'x'), 5],
  ])('of %o is %i', (error, code) => {
    expect(exitCodeOf(error)).toBe(code)
  })
})

describe('what is said of an error', () => {
  it.each(Object.keys(errorTable) as ErlangErrorCode[])('%s says what to do once', (code) => {
    const { message, whatToDo } = explain(
      new ErlangError(code, `it is so. ${errorTable[code].whatToDo}`),
    )
    expect(message).toBe(
      code === 'ERR_ERL_REMOTE' ? `it is so. ${errorTable[code].whatToDo}` : 'it is so',
    )
    expect(whatToDo === '').toBe(code === 'ERR_ERL_REMOTE')
    expect(whatToDo).not.toContain('timeoutMs')
  })

  it('keeps advice of the library for people, and replaces that for programs', () => {
    const file = new ErlangError('ERR_ERL_AUTH', 'the file is open to all; run: chmod 400 f')
    expect(explain(file)).toMatchObject({
      message: 'the file is open to all; run: chmod 400 f',
      whatToDo: '',
    })
    const refused = explain(
      new ErlangError('ERR_ERL_AUTH', 'refused; give it (option cookie here)'),
    )
    expect(refused.message).toBe('refused')
    expect(refused.whatToDo).toContain('--cookie')
  })

  it('is one line', () => {
    expect(explain(new Error('one\n  two\nthree')).message).toBe('one two three')
  })
})

describe('the history of a shell', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'beamlink-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  it('is where the environment says', () => {
    expect(historyFile('shell', { XDG_STATE_HOME: '/s' })).toBe('/s/beamlink/shell')
    expect(historyFile('shell', { HOME: '/h' })).toBe('/h/.local/state/beamlink/shell')
    expect(historyFile('shell', { XDG_STATE_HOME: 'relative', HOME: '/h' })).toMatch(/^\/h\//)
  })

  it('is for its owner only, also where it was not', () => {
    const file = path.join(folder, 'beamlink/shell')
    new History(file).add('one.')
    expect(statSync(file).mode & 0o777).toBe(0o600)
    chmodSync(file, 0o644)
    const history = new History(file)
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(history.newestFirst).toEqual(['one.'])
  })

  it('keeps no line twice in a row, none that begins with a space, and the last 1,000', () => {
    const file = path.join(folder, 'shell')
    writeFileSync(file, Array.from({ length: 1_500 }, (_, index) => `${index}.\n`).join(''))
    const history = new History(file)
    for (const line of ['a.', 'a.', ' secret.', '', 'b.']) history.add(line)
    expect(history.newestFirst.slice(0, 3)).toEqual(['b.', 'a.', '1499.'])
    expect(readFileSync(file, 'utf8').split('\n')).toHaveLength(1_003)
  })

  it('does without a file where none can be', () => {
    writeFileSync(path.join(folder, 'file'), '')
    const history = new History(path.join(folder, 'file/shell'))
    history.add('a.')
    expect(history.newestFirst).toEqual(['a.'])
  })
})
