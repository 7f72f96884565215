import type { Question } from '../../native/reactor.js'
import { reactor } from '../../native/reactor.js'
import type { Drops } from '../drops.js'
import type { Admission, Caller } from './allow.js'
import { readAddress } from './network.js'

/** Says of incoming connections whether they may go on, and counts those that may not. */
export class Gate {
  readonly #node: number
  readonly #drops: Drops
  #admission: Admission | undefined

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

  /** A connection has given a name and waits. The peer is not told why it is refused. */
  asked({ id, name, address }: Question): void {
    const caller = { name, address: readAddress(address)?.text ?? address }
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
