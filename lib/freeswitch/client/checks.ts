import { checkText } from '../../base/validate.js'
import { invalidArgument, outOfRange } from '../../errors.js'
import type { HeadersInput } from '../protocol/headers-input.js'
import type { Header } from '../protocol/switch-event.js'
import { joinArray } from '../protocol/switch-event.js'

const longestAtom = 255
const longestKeyBytes = 1_023
/** Above this a list is no longer a string to FreeSWITCH. */
const longestStringBytes = 65_535
export const longestUuidBytes = 256

/** A text for an atom that FreeSWITCH can read: it knows atoms of Latin-1 only. */
export function checkLatin1Atom(name: string, value: unknown): string {
  const text = checkText(name, value)
  if (text.length > longestAtom || !isLatin1(text)) {
    throw outOfRange(name, `at most ${longestAtom} characters of Latin-1`, text)
  }
  return text
}

/** Text that FreeSWITCH keeps as a C string. */
export function checkCText(name: string, value: unknown): string {
  if (typeof value !== 'string') throw invalidArgument(name, 'a string', value)
  if (value.includes('\0')) throw outOfRange(name, 'text without zero bytes', value)
  return value
}

/** A word: what FreeSWITCH splits at blanks must not have any. */
export function checkWord(name: string, value: unknown): string {
  const text = checkText(name, checkCText(name, value))
  if (/\s/.test(text)) throw outOfRange(name, 'one word, without blanks', text)
  return text
}

/** The id of a call. */
export function checkUuid(name: string, value: unknown): string {
  const uuid = checkText(name, checkCText(name, value))
  if (Buffer.byteLength(uuid) > longestUuidBytes) {
    throw outOfRange(name, `at most ${longestUuidBytes} bytes`, uuid)
  }
  return uuid
}

/** Errors: TypeError and RangeError that name the header, the rule and the value. */
export function checkHeaders(argument: string, headers: HeadersInput): Header[] {
  if (typeof headers !== 'object' || headers === null || headers instanceof Map) {
    throw invalidArgument(argument, 'an object of headers, or an array of pairs', headers)
  }
  if (!isPairs(headers)) {
    return Object.entries(headers)
      .filter(([, value]) => value !== undefined)
      .map(([key, value]) => checkHeader(argument, key, value))
  }
  return headers.map((pair, i) => {
    if (!Array.isArray(pair) || pair.length !== 2) {
      throw invalidArgument(`${argument}[${i}]`, 'a pair of name and value', pair)
    }
    return checkHeader(argument, pair[0], pair[1])
  })
}

function isPairs(headers: HeadersInput): headers is Extract<HeadersInput, readonly unknown[]> {
  return Array.isArray(headers)
}

function checkHeader(argument: string, key: unknown, value: unknown): Header {
  const name = checkText(`the name of a header in ${argument}`, key)
  checkCText(`the name of a header in ${argument}`, name)
  if (Buffer.byteLength(name) > longestKeyBytes) {
    throw outOfRange(
      `the name of a header in ${argument}`,
      `at most ${longestKeyBytes} bytes`,
      name,
    )
  }
  return [name, headerText(`${argument}['${name}']`, value)]
}

export function headerText(argument: string, value: unknown): string {
  const text = checkCText(argument, plainText(argument, value))
  if (Buffer.byteLength(text) > longestStringBytes) {
    throw outOfRange(argument, `at most ${longestStringBytes} bytes`, text)
  }
  return text
}

function plainText(argument: string, value: unknown): unknown {
  if (typeof value === 'boolean') return String(value)
  if (typeof value === 'number' && Number.isFinite(value)) return String(value)
  if (!Array.isArray(value)) {
    if (typeof value === 'string') return value
    throw invalidArgument(argument, 'a string, a finite number, a boolean or strings', value)
  }
  return joinArray(value.map((part, i) => checkCText(`${argument}[${i}]`, part)))
}

function isLatin1(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 255) return false
  return true
}
