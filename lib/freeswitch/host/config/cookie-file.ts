import { readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { defaultCookie } from './settings.js'

/** The longest atom. */
const mostBytes = 255

/** A cookie, or why there is none. */
export interface CookieRead {
  readonly cookie?: string
  readonly problem?: string
}

/**
 * Reads a cookie file, as FreeSWITCH does: nobody but its owner may have any right on it, it must not
 * be longer than an atom, and its first line is the cookie.
 *
 * Source: mod_erlang_event, mod_erlang_event.c, read_cookie_from_file.
 */
export function readCookie(file: string): CookieRead {
  try {
    const stats = statSync(file)
    if (!stats.isFile()) return { problem: `${file} is no file` }
    const mode = stats.mode & 0o777
    if ((mode & 0o077) !== 0) {
      return { problem: `${file} has mode 0${mode.toString(8)}; run: chmod 400 ${file}` }
    }
    if (stats.size > mostBytes) return { problem: `${file} is longer than ${mostBytes} bytes` }
    const [line = ''] = readFileSync(file, 'latin1').split(/[\r\n]/)
    return line === '' ? { problem: `${file} begins with an empty line` } : { cookie: line }
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) }
  }
}

/** What is taken when nobody names a cookie: the user's own, else FreeSWITCH's. */
export function standingCookie(warn: (text: string) => void): string {
  const { HOME: home } = process.env
  if (home === undefined || home === '') return defaultCookie
  const { cookie, problem } = readCookie(path.join(home, '.erlang.cookie'))
  if (cookie !== undefined) return cookie
  warn(`the cookie is ${defaultCookie}, which everybody knows: ${problem}`)
  return defaultCookie
}
