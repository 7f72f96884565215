import { ErlangError } from '../../errors.js'

const brand = Symbol.for('beamlink.KamailioFault')

/** A fault that a method of Kamailio's answers with: `{[{code, 500}, {<<"error">>, Text}]}`. */
export class KamailioFault extends ErlangError {
  /** Kamailio's number: 500, 404, 400 … */
  readonly faultCode: number
  /** Kamailio's words. */
  readonly faultText: string

  /** `method` is whose fault it is, for the message; `reason` the term that came. */
  constructor(faultCode: number, faultText: string, method?: string, reason?: unknown) {
    const whose = method === undefined ? '' : `${method}: `
    super('ERR_ERL_REMOTE', `${whose}${faultCode} ${faultText}`, { reason })
    this.faultCode = faultCode
    this.faultText = faultText
  }

  /** True for a fault of any copy of the package. */
  static override is(value: unknown): value is KamailioFault {
    return typeof value === 'object' && value !== null && brand in value
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    return KamailioFault.is(value)
  }
}
Object.defineProperty(KamailioFault.prototype, 'name', { value: 'KamailioFault' })
Object.defineProperty(KamailioFault.prototype, brand, { value: true })
