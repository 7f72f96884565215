import { createHash } from 'node:crypto'
import {
  checkChoice,
  checkInteger,
  checkNames,
  checkObject,
  checkText,
} from '../../base/validate.js'
import { outOfRange } from '../../errors.js'
import { type TermInput, Tuple } from '../../index.js'

/** How `relay` sends a request on. */
export interface RelayOptions {
  /** Where the request is sent, in place of where its URI leads: `'sip:10.0.0.2:5060'`. */
  readonly via?: string
  /** Whether the final reply is reported, as event `accounting`. */
  readonly account?: boolean
}

/** How a caller proves who it is. One of `password` and `ha1` is given. */
export interface Credentials {
  readonly realm: string
  readonly password?: string
  /** `MD5(user:realm:password)` in hexadecimal, so that passwords need not be kept. */
  readonly ha1?: string
}

/** Who challenges: the proxy (407) or, for REGISTER, the registrar (401). */
export type ChallengeBy = 'proxy' | 'registrar'

/** Texts of `beamlink.cfg`; what a handler sets itself is any other name. */
const ownNames = /^bl_/
const variableName = /^[A-Za-z_]\w*$/

/**
 * What a handler decides about one request. One of `relay`, `redirect`, `reject`, `challenge`, `drop`
 * and `proceed` is the decision; the first one holds. Without one the script goes on.
 */
export class SipReply {
  readonly #pairs = new Map<string, string | number>()
  readonly #method: string
  #action: string | undefined

  constructor(method: string) {
    this.#method = method
  }

  /** True when one of the methods has said what is to be done with the request. */
  get isDecided(): boolean {
    return this.#action !== undefined
  }

  /** The proxy sends the request on: to `target` as its new URI, or to where its URI leads. */
  relay(target?: string, options: RelayOptions = {}): void {
    checkNames('relay', checkObject('options', options), ['via', 'account'])
    if (target !== undefined) this.#put('bl_target', checkLine('target', target))
    if (options.via !== undefined) this.#put('bl_via', checkLine('via', options.via))
    if (options.account === true) this.#put('bl_account', 1)
    this.#decide('relay')
  }

  /** The proxy answers with a code from 400 to 699. */
  reject(code: number, reason = defaultReason(code)): void {
    checkInteger('code', code, 400, 699)
    this.#answer(code, reason)
  }

  /** The proxy answers with a code from 200 to 299: it is the end of the road itself. */
  accept(code = 200, reason = 'OK'): void {
    checkInteger('code', code, 200, 299)
    this.#answer(code, reason)
  }

  /** The proxy tells the caller to go to `contact`. */
  redirect(contact: string, code = 302, reason = 'Moved Temporarily'): void {
    checkInteger('code', code, 300, 399)
    this.#put('bl_contact', checkLine('contact', contact))
    this.#answer(code, reason)
  }

  /** The proxy asks the caller for credentials. */
  challenge(realm: string, by: ChallengeBy = this.#challenger): void {
    this.#put('bl_realm', checkLine('realm', realm))
    this.#put('bl_by', checkChoice('by', by, ['proxy', 'registrar']))
    this.#decide('challenge')
  }

  /**
   * Lets the proxy verify the caller's digest before it does what is decided; a caller that fails
   * is challenged.
   */
  authenticate(user: string, credentials: Credentials, by: ChallengeBy = this.#challenger): this {
    checkNames('authenticate', checkObject('credentials', credentials), [
      'realm',
      'password',
      'ha1',
    ])
    const { realm, password, ha1 } = credentials
    if ((password === undefined) === (ha1 === undefined)) {
      throw outOfRange('credentials', 'either a password or a ha1', credentials)
    }
    const digest =
      ha1 === undefined ? digestOf(user, realm, checkText('password', password)) : checkHa1(ha1)
    // Also after the decision, which waits for it all the same.
    this.#pairs.set('bl_realm', checkLine('credentials.realm', realm))
    this.#pairs.set('bl_by', checkChoice('by', by, ['proxy', 'registrar']))
    this.#pairs.set('bl_user', checkLine('user', user))
    this.#pairs.set('bl_ha1', digest)
    return this
  }

  /** Sets `$avp(name)` of the script. */
  set(name: string, value: string | number): this {
    const isName = variableName.test(checkText('name', name)) && !ownNames.test(name)
    if (!isName)
      throw outOfRange('name', 'a name of letters and digits not beginning with bl_', name)
    if (typeof value === 'number') checkInteger('value', value, -(2 ** 31), 2 ** 31 - 1)
    else checkText('value', value)
    this.#pairs.set(name, value)
    return this
  }

  /** The script goes on, with what was set. */
  proceed(): void {
    this.#decide('proceed')
  }

  /** Nothing is answered and nothing sent on. */
  drop(): void {
    this.#decide('drop')
  }

  /** @internal `{Id, Action, Name1, Value1, …}`, flat since a script reads one level only. */
  toTerm(id: string): TermInput {
    const elements: TermInput[] = [id, this.#action ?? 'proceed']
    for (const [name, value] of this.#pairs) elements.push(name, value)
    return new Tuple(elements)
  }

  get #challenger(): ChallengeBy {
    return this.#method === 'REGISTER' ? 'registrar' : 'proxy'
  }

  #answer(code: number, reason: string): void {
    this.#put('bl_code', String(code))
    this.#put('bl_reason', checkLine('reason', reason))
    this.#decide('reply')
  }

  #put(name: string, value: string | number): void {
    if (this.#action === undefined) this.#pairs.set(name, value)
  }

  #decide(action: string): void {
    this.#action ??= action
  }
}

/** `{Id, "error", "bl_error", Text}`: the script goes its default way. */
export function errorTerm(id: string | undefined, text: string): TermInput {
  return new Tuple([id ?? '-', 'error', 'bl_error', text.slice(0, 200) || 'error'])
}

/** Text that a line of a SIP message can hold: what breaks lines would make headers of its own. */
function checkLine(name: string, value: unknown): string {
  const line = checkText(name, value)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
  if (/[\x00-\x1f\x7f]/.test(line)) throw outOfRange(name, 'text without control characters', line)
  return line
}

function checkHa1(value: unknown): string {
  const ha1 = checkText('credentials.ha1', value)
  if (!/^[0-9a-f]{32}$/.test(ha1)) {
    throw outOfRange('credentials.ha1', '32 hexadecimal digits in lower case', ha1)
  }
  return ha1
}

function digestOf(user: string, realm: string, password: string): string {
  return createHash('md5').update(`${user}:${realm}:${password}`).digest('hex')
}

const reasons: Readonly<Record<number, string>> = {
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  480: 'Temporarily Unavailable',
  486: 'Busy Here',
  500: 'Server Internal Error',
  503: 'Service Unavailable',
  603: 'Decline',
}

function defaultReason(code: number): string {
  return reasons[code] ?? 'Rejected'
}
