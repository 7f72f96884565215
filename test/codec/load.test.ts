import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ErlangError } from '../../lib/errors.js'
import { addon, loadAddon } from '../../lib/native/load.js'

let root = ''
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'beamlink-load-'))
  writeFileSync(path.join(root, 'binding.gyp'), '{}')
})
afterEach(() => rmSync(root, { recursive: true }))

const checkout = path.join(__dirname, '../..')
const built = path.join(checkout, 'build/Release/beamlink.node')
const target = `${process.platform}-${process.arch}`

function prebuild(libc: string): string {
  const folder = path.join(root, 'prebuilds', target)
  mkdirSync(folder, { recursive: true })
  return path.join(folder, `beamlink.${libc}.node`)
}

function failure(): ErlangError {
  try {
    loadAddon(root)
  } catch (error) {
    expect(error).toBeInstanceOf(ErlangError)
    return error as ErlangError
  }
  throw new Error('it loaded')
}

describe('the addon', () => {
  it('is missed with the command that builds it', () => {
    const error = failure()
    expect(error.code).toBe('ERR_ERL_NO_BINARY')
    for (const word of [
      target,
      'erlang-dev',
      'g++',
      'make',
      'python3',
      'npx node-gyp@12 rebuild',
      root,
    ]) {
      expect(error.message).toContain(word)
    }
    expect(error.cause).toBeInstanceOf(Error)
  })

  it('is not built in the folder of a program that has beamlink in its bundle', () => {
    rmSync(path.join(root, 'binding.gyp'))
    const error = failure()
    expect(error.code).toBe('ERR_ERL_NO_BINARY')
    expect(error.message).toContain('external: "beamlink", "beamlink/*"')
    expect(error.message).not.toContain('node-gyp')
  })

  it('is not to be built where Node is told to load none', () => {
    const use = `try { require(${JSON.stringify(checkout)}).encode(1) } catch (error) { error.message }`
    const said = execFileSync(process.execPath, ['--no-addons', '-p', use], { encoding: 'utf8' })
    expect(said).toContain('start it without --no-addons')
    expect(said).not.toContain('node-gyp')
  })

  it('that does not load is named as the cause', () => {
    for (const libc of ['glibc', 'musl']) writeFileSync(prebuild(libc), 'no addon')
    expect(failure().cause).toMatchObject({ code: 'ERR_DLOPEN_FAILED' })
  })

  it('is refused on Windows with what to do there', () => {
    expect(() => loadAddon(root, { platform: 'win32', arch: 'x64' })).toThrowError(
      expect.objectContaining({
        code: 'ERR_ERL_NO_BINARY',
        message: expect.stringContaining('WSL'),
      }),
    )
  })

  it('is missed with the tools that macOS needs', () => {
    expect(() => loadAddon(root, { platform: 'darwin', arch: 'arm64' })).toThrowError(
      /darwin-arm64.*command line tools.*npx node-gyp@12 rebuild/,
    )
  })

  it('is the prebuilt one of the platform', () => {
    for (const libc of ['glibc', 'musl']) copyFileSync(built, prebuild(libc))
    expect(loadAddon(root).decode).toBeTypeOf('function')
  })

  it.each(['glibc', 'musl'])('is the prebuilt one for %s when the other does not load', (libc) => {
    for (const other of ['glibc', 'musl']) writeFileSync(prebuild(other), 'no addon')
    copyFileSync(built, prebuild(libc))
    expect(loadAddon(root).decode).toBeTypeOf('function')
  })

  it('is loaded once', () => {
    expect(addon()).toBe(addon())
  })

  it('is another one for whoever loads it from the same file', () => {
    for (const libc of ['glibc', 'musl']) copyFileSync(built, prebuild(libc))
    expect(loadAddon(root).start).not.toBe(loadAddon(root).start)
  })
})

describe('the addon that was built here', () => {
  // ei does at each challenge, and with glibc that may ask name servers, for longer than any deadline.
  it('asks libc for no id of the machine', () => {
    const asked = execFileSync('nm', ['-D', '--undefined-only', built], { encoding: 'utf8' })
    expect(asked).toContain('getpid')
    expect(asked).not.toContain('gethostid')
  })
})
