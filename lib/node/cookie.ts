import {
  closeSync,
  constants,
  copyFileSync,
  existsSync,
  fstatSync,
  linkSync,
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
  if (existsSync(file)) return
  try {
    mkdirSync(dirname(file), { recursive: true })
    create(file)
  } catch (cause) {
    if (codeOf(cause) === 'EEXIST') return
    throw new ErlangError(
      'ERR_ERL_AUTH',
      `cannot create the cookie file ${file}: ${cause}; give the cookie option instead`,
      { cause },
    )
  }
}

/**
 * Makes the file under another name, and links it when the cookie is in it: of two programs that start
 * at once one makes the file, and neither may find it empty. Errors: EEXIST when it is there already.
 */
function create(file: string): void {
  const draft = `${file}.${randomCookie()}`
  const descriptor = openSync(draft, 'wx', 0o400)
  try {
    writeFileSync(descriptor, randomCookie())
    place(draft, file)
  } finally {
    closeSync(descriptor)
    unlinkSync(draft)
  }
}

function place(draft: string, file: string): void {
  try {
    linkSync(draft, file)
  } catch (error) {
    if (codeOf(error) === 'EEXIST') throw error
    // A file system without hard links.
    copyFileSync(draft, file, constants.COPYFILE_EXCL)
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}

/** Twenty capital letters, as Erlang makes them. */
function randomCookie(): string {
  // Loaded by those few who have no cookie yet: it takes 0.9 MiB.
  const { randomInt } = process.getBuiltinModule('node:crypto')
  return Array.from({ length: 20 }, () => String.fromCharCode(65 + randomInt(26))).join('')
}
