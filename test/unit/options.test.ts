import fs, {
  chownSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { readCookieFile } from '../../lib/node/cookie.js'
import { isLongName, parseNodeName } from '../../lib/node/node-name.js'
import { type NodeOptions, resolveNodeOptions } from '../../lib/node/options.js'
import { resolveWait } from '../../lib/node/wait.js'

const name = 'web@127.0.0.1'

/** Options as a program without types may give them. */
function resolve(options: Record<string, unknown>) {
  return resolveNodeOptions(options as unknown as NodeOptions)
}

afterEach(() => {
  vi.unstubAllEnvs()
})

describe('options of a node', () => {
  it.each([
    [{ name: 42 }, 'name must be a node name such as "web@127.0.0.1", got 42 (number)'],
    [{ name, cookie: 7 }, 'cookie must be a string, got a value of type number'],
    [{ name, cookie: null }, 'cookie must be a string, got null'],
    [{ name, cookieFile: 7 }, 'cookieFile must be a string, got 7 (number)'],
    [{ name, cookies: 'x' }, 'cookies must be an object, got a value of type string'],
    [{ name, hidden: 'no' }, 'hidden must be a boolean, got "no" (string)'],
    [{ name, ref: 1 }, 'ref must be a boolean, got 1 (number)'],
    [{ name, listen: true }, 'listen must be false or an object, got true (boolean)'],
    [{ name, epmd: 'maybe' }, `epmd must be 'auto', 'embedded', 'none' or { host, port }`],
    [{ name, netTicktimeS: '60' }, 'netTicktimeS must be an integer from 1 to 2000000'],
    [{ name, connectTimeoutMs: '7s' }, 'connectTimeoutMs must be a number ≥ 0, got "7s" (string)'],
    [{ name, maxQueuedBytes: '1' }, 'maxQueuedBytes must be a number ≥ 1, got "1" (string)'],
    [{ name, maxSpawned: '9' }, 'maxSpawned must be an integer ≥ 1, or Infinity, got "9" (string)'],
    [{ name, allow: 'shop@h' }, 'allow must be an array of entries, or a function'],
    [{ name, decode: 'json' }, 'decode options must be'],
  ])('refuses the type in %o', (options, message) => {
    expect(() => resolve(options)).toThrow(TypeError)
    expect(() => resolve(options)).toThrow(message)
  })

  it.each([
    [{ name: '' }, 'name must be a node name'],
    [{ name: '@host' }, 'name must be a node name'],
    [{ name: 'a b@host' }, 'name must be a node name'],
    [{ name: `${'x'.repeat(250)}@127.0.0.1` }, 'name must be at most 255 characters long'],
    [{ name, cookie: '' }, 'cookie must be a string of 1 to 511 bytes'],
    [{ name, cookie: 'x'.repeat(512) }, 'none of them zero, got one of 512 bytes'],
    [{ name, cookies: { shop: 'x' } }, 'cookies must be a node name'],
    [{ name, listen: { port: 65_536 } }, 'listen.port must be an integer from 0 to 65535'],
    [{ name, listen: { host: '' } }, 'listen.host must be a string that is not empty'],
    [{ name, epmd: { port: 0 } }, 'epmd.port must be an integer from 1 to 65535'],
    [{ name, netTicktimeS: 0 }, 'netTicktimeS must be an integer from 1'],
    [{ name, handshakeTimeoutMs: -1 }, 'handshakeTimeoutMs must be a number ≥ 0, got -1 (number)'],
    [{ name, connectTimeoutMs: Number.NaN }, 'connectTimeoutMs must be a number ≥ 0, got NaN'],
    [{ name, maxFrameBytes: 1 }, 'maxFrameBytes must be an integer from 1024'],
    [{ name, maxDepth: 1.5 }, 'maxDepth must be an integer from 1'],
    [{ name, maxAtoms: 0 }, 'maxAtoms must be an integer from 1'],
    [{ name, maxAtoms: Number.POSITIVE_INFINITY }, 'maxAtoms must be an integer from 1'],
    [{ name, maxFramesPerSecond: 0.5 }, 'maxFramesPerSecond must be an integer ≥ 1, or Infinity'],
    [{ name, maxRelations: -1 }, 'maxRelations must be an integer ≥ 1, or Infinity, got -1'],
    [{ name, allow: ['shop'] }, 'allow[0] must be an address'],
  ])('refuses the value in %o', (options, message) => {
    expect(() => resolve(options)).toThrow(RangeError)
    expect(() => resolve(options)).toThrow(message)
  })

  it('never shows a cookie', () => {
    const cookie = 'secret'.repeat(100)
    expect(() => resolve({ name, cookie })).toThrow(expect.not.stringContaining('secret'))
  })

  it('says which option was probably meant', () => {
    expect(() => resolve({ name, cokie: 'x' })).toThrow(
      new TypeError('unknown option "cokie" of ErlangNode.start; did you mean "cookie"?'),
    )
    expect(() => resolve({ name, listen: { prot: 1 } })).toThrow('did you mean "port"?')
    expect(() => resolve({ name, zzzzzzzzzzzzz: 1 })).toThrow('known: name, cookie')
  })

  it('refuses an ERL_EPMD_PORT that is no port', () => {
    vi.stubEnv('ERL_EPMD_PORT', 'four')
    expect(() => resolve({ name })).toThrow('ERL_EPMD_PORT must be an integer from 1 to 65535')
  })

  it('has the documented defaults', () => {
    vi.stubEnv('ERL_EPMD_PORT', '')
    expect(resolve({ name, hidden: undefined })).toMatchObject({
      name: { full: name, alive: 'web', host: '127.0.0.1' },
      hidden: true,
      listen: { host: '127.0.0.1', port: 0 },
      epmd: { policy: 'auto', host: '127.0.0.1', port: 4369 },
      tickTimeMs: 60_000,
      connectTimeoutMs: 7_000,
      handshakeTimeoutMs: 7_000,
      maxFrameBytes: 128 * 1024 * 1024,
      maxDepth: 10_000,
      maxQueuedBytes: 64 * 1024 * 1024,
      ref: true,
    })
  })

  it('adds the short host name to a name without host', () => {
    expect(resolve({ name: 'web' }).name.full).toBe(`web@${hostname().split('.')[0]}`)
  })

  it('takes no listener, no epmd, and an epmd elsewhere', () => {
    expect(resolve({ name, listen: false }).listen).toBeUndefined()
    expect(resolve({ name, epmd: 'none' }).epmd.policy).toBe('none')
    expect(resolve({ name, epmd: { host: 'epmd.local', port: 4370 } }).epmd).toEqual({
      policy: 'given',
      host: 'epmd.local',
      port: 4370,
    })
  })
})

describe('how long a caller waits', () => {
  it.each(['5s', null, {}])('refuses %o', (timeoutMs) => {
    expect(() => resolveWait({ timeoutMs: timeoutMs as unknown as number })).toThrow(TypeError)
  })

  it.each([-1, Number.NaN])('refuses %d', (timeoutMs) => {
    expect(() => resolveWait({ timeoutMs })).toThrow(RangeError)
  })

  it('refuses a signal that is none', () => {
    expect(() => resolveWait({ signal: {} as AbortSignal })).toThrow(
      'signal must be an AbortSignal',
    )
  })

  it('is 5 seconds by default, and may be for ever', () => {
    expect(resolveWait({}).timeoutMs).toBe(5_000)
    expect(resolveWait({ timeoutMs: Number.POSITIVE_INFINITY }).timeoutMs).toBe(
      Number.POSITIVE_INFINITY,
    )
  })
})

describe('names of nodes', () => {
  it.each([
    ['web@shop', false],
    ['web@shop.example.org', true],
    ['web@127.0.0.1', true],
    ['web@::1', true],
  ])('%s is long: %s', (full, long) => {
    expect(isLongName(parseNodeName('name', full))).toBe(long)
  })
})

describe('the cookie file', () => {
  let home: string
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'beamlink-cookie-'))
    vi.stubEnv('HOME', home)
  })
  afterEach(() => {
    rmSync(home, { recursive: true, force: true })
  })

  it('must be there when it is named', () => {
    expect(() => readCookieFile(join(home, 'absent'))).toThrow(
      expect.objectContaining({ code: 'ERR_ERL_AUTH', message: expect.stringContaining('absent') }),
    )
  })

  it('must not be empty', () => {
    const file = join(home, 'empty')
    writeFileSync(file, '\n', { mode: 0o400 })
    expect(() => readCookieFile(file)).toThrow('is empty')
  })

  it('must not be readable by others, and says how to change that', () => {
    const file = join(home, 'open')
    writeFileSync(file, 'secret', { mode: 0o644 })
    expect(() => readCookieFile(file)).toThrow(`run: chmod 400 ${file}`)
  })

  it('is made by whoever needs it first, as Erlang makes it', () => {
    const cookie = readCookieFile(undefined)
    const file = join(home, '.erlang.cookie')
    expect(cookie).toMatch(/^[A-Z]{20}$/)
    expect(readFileSync(file, 'utf8')).toBe(cookie)
    expect(statSync(file).mode & 0o777).toBe(0o400)
    expect(readCookieFile(undefined)).toBe(cookie)
    expect(readdirSync(home)).toEqual(['.erlang.cookie'])
  })

  it('is the same for two programs that need it at once, whichever makes it', () => {
    const write = fs.writeFileSync
    const theirs: string[] = []
    // The other program comes when the first is half way.
    const spy = vi.spyOn(fs, 'writeFileSync').mockImplementationOnce((...args) => {
      theirs.push(readCookieFile(undefined))
      write(...args)
    })
    syncBuiltinESMExports()
    try {
      expect([readCookieFile(undefined)]).toEqual(theirs)
    } finally {
      spy.mockRestore()
      syncBuiltinESMExports()
    }
  })

  it('must belong to whoever runs the process, when nobody has named it', () => {
    const file = join(home, '.erlang.cookie')
    writeFileSync(file, 'secret', { mode: 0o400 })
    const owner = statSync(file).uid
    const user = vi.spyOn(process, 'geteuid').mockReturnValue(owner + 1)
    try {
      // The superuser's is everybody's.
      if (owner === 0) chownSync(file, 2, 2)
      expect(() => readCookieFile(undefined)).toThrow(
        expect.objectContaining({
          code: 'ERR_ERL_AUTH',
          message: expect.stringContaining('belongs to another user'),
        }),
      )
      expect(readCookieFile(file)).toBe('secret')
    } finally {
      user.mockRestore()
    }
  })

  it('counts up to the end of its first line', () => {
    const file = join(home, 'lines')
    writeFileSync(file, 'secret\nmore\n', { mode: 0o600 })
    expect(readCookieFile(file)).toBe('secret')
  })
})
