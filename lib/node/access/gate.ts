import type { Question } from '../../native/reactor.js'
import { reactor } from '../../native/reactor.js'
import type { Drops } from '../drops.js'
import type { Admission, Caller } from './allow.js'
import type { CallerCertificate } from './certificate.js'
import { readAddress } from './network.js'

/** Far more than can wait to be asked about at a time. */
const mostCertificates = 1_024

/** Says of incoming connections whether they may go on, and counts those that may not. */
export class Gate {
  readonly #node: number
  readonly #drops: Drops
  #admission: Admission | undefined
  /** Of callers over TLS that nobody has asked about yet, by their number, oldest first. */
  readonly #certificates = new Map<number, CallerCertificate>()
  #lastCaller = 0

  constructor(node: number, drops: Drops, admission: Admission | undefined) {
    this.#node = node
    this.#drops = drops
    this.#admission = admission
  }

  /** From now on; undefined admits everybody who knows the cookie. */
  set(admission: Admission | undefined): void {
    this.#admission = admission
    reactor.askBeforeAccept(this.#node, admission !== undefined)
  }

  /** Gives the number under which a caller with a certificate will be asked about. */
  numberOf(certificate: CallerCertificate | undefined): number {
    if (certificate === undefined || this.#admission === undefined) return 0
    // Zero is nobody's; after so many the first is long gone.
    this.#lastCaller = (this.#lastCaller % 0x7fff_ffff) + 1
    this.#certificates.set(this.#lastCaller, certificate)
    if (this.#certificates.size > mostCertificates) {
      const [oldest = 0] = this.#certificates.keys()
      this.#certificates.delete(oldest)
    }
    return this.#lastCaller
  }

  /** A connection has given a name and waits. The peer is not told why it is refused. */
  asked({ id, caller: number, name, address }: Question): void {
    const certificate = this.#certificates.get(number)
    this.#certificates.delete(number)
    const caller: Caller = {
      name,
      address: readAddress(address)?.text ?? address,
      ...(certificate === undefined ? {} : { certificate }),
    }
    const verdict = this.#admission?.admits(caller) ?? true
    if (verdict instanceof Promise) void verdict.then((late) => this.#answer(id, caller, late))
    else this.#answer(id, caller, verdict)
  }

  #answer(question: number, { name, address }: Caller, verdict: true | string): void {
    reactor.answer(this.#node, question, verdict === true)
    if (verdict === true) return
    this.#drops.add({ reason: 'refused', peer: name, address, detail: verdict })
  }
}
