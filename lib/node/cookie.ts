import {
  closeSync,
  fstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { ErlangError } from '../errors.js'

/** What `ei` can hold. */
export const longestCookie = 511

/** `$HOME/.erlang.cookie`, as `erl` and `ei` look for it. */
export function defaultCookieFile(): string {
  return join(process.env.HOME ?? homedir(), '.erlang.cookie')
}

/**
 * Reads the cookie of a file: its first line. `$HOME/.erlang.cookie` is made when it is absent, as
 * Erlang does; any other file must be there.
 *
 * Errors: ERR_ERL_AUTH when the file cannot be read, is empty, or is open to others than its owner; for
 *         the one in `$HOME` also when its owner is another user, as it may be under `sudo`: whoever
 *         owns it would know the cookie of this process.
 * Source: OTP 25, kernel/src/auth.erl, read_cookie and create_cookie.
 */
export function readCookieFile(path: string | undefined): string {
  const file = path ?? defaultCookieFile()
  if (path === undefined) createIfAbsent(file)
  try {
    const cookie = readFirstLine(file, path === undefined)
    if (cookie !== '') return cookie
  } catch (cause) {
    if (ErlangError.is(cause)) throw cause
    throw new ErlangError('ERR_ERL_AUTH', `cannot read the cookie file ${file}: ${cause}`, {
      cause,
    })
  }
  throw new ErlangError('ERR_ERL_AUTH', `the cookie file ${file} is empty; put a cookie into it`)
}

/** What is checked is what is read, whatever becomes of the path in between. */
function readFirstLine(file: string, mustBeOurs: boolean): string {
  const descriptor = openSync(file, 'r')
  try {
    const { mode, uid } = fstatSync(descriptor)
    checkMode(file, mode & 0o777)
    if (mustBeOurs) checkOwner(file, uid, process.geteuid?.() ?? uid)
    const [line = ''] = readFileSync(descriptor, 'latin1').split('\n')
    return line.trim()
  } finally {
    closeSync(descriptor)
  }
}

function checkMode(file: string, mode: number): void {
  if ((mode & 0o077) === 0) return
  throw new ErlangError(
    'ERR_ERL_AUTH',
    `the cookie file ${file} must be accessible by its owner only (it has mode 0${mode.toString(8)}); run: chmod 400 ${file}`,
  )
}

function checkOwner(file: string, owner: number, user: number): void {
  if (owner === user || owner === 0) return
  throw new ErlangError(
    'ERR_ERL_AUTH',
    `the cookie file ${file} belongs to another user (${owner}; this process is run by ${user}); name it with the option cookieFile if it is to be read all the same`,
  )
}

function createIfAbsent(file: string): void {
  try {
    mkdirSync(dirname(file), { recursive: true })
    // 'wx': of two programs that start at once, one makes the file and both read it.
    writeCookie(file, openSync(file, 'wx', 0o400))
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'EEXIST') return
    throw new ErlangError(
      'ERR_ERL_AUTH',
      `cannot create the cookie file ${file}: ${cause}; give the cookie option instead`,
      { cause },
    )
  }
}

/** A file without its cookie, on a full disk, would keep every later start from making it. */
function writeCookie(file: string, descriptor: number): void {
  try {
    writeFileSync(descriptor, randomCookie())
  } catch (error) {
    unlinkSync(file)
    throw error
  } finally {
    closeSync(descriptor)
  }
}

/** Twenty capital letters, as Erlang makes them. */
function randomCookie(): string {
  // Loaded by those few who have no cookie yet: it takes 0.9 MiB.
  const { randomInt } = process.getBuiltinModule('node:crypto')
  return Array.from({ length: 20 }, () => String.fromCharCode(65 + randomInt(26))).join('')
}
