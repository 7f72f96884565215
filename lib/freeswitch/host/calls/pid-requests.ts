import { foreignReferenceKey } from '../../../node/identity.js'
import { atom } from '../../../term/atom.js'
import type { Pid } from '../../../term/pid.js'
import type { Reference } from '../../../term/reference.js'
import type { TermInput } from '../../../term/term.js'
import { tuple } from '../../../term/tuple.js'
import { writeText } from '../../protocol/text.js'
import type { HostCore } from '../host-core.js'
import type { AttachTarget } from './target.js'

/** How the wait for a pid may end, other than with the pid. */
export type NoPid = 'timeout' | 'nodeLost' | 'withdrawn'

/** Somebody who was asked for a pid. */
export interface PidRequest {
  readonly answer: Promise<Pid | NoPid>
  /** Nobody wants the answer any more: it is late when it comes. */
  withdraw(): void
}

interface Pending {
  readonly node: string
  settle(answer: Pid | NoPid): void
}

const rex = atom('rex')

/** Asks processes and functions at peers who is to handle a call. */
export class PidRequests {
  readonly #host: HostCore
  readonly #pending = new Map<string, Pending>()

  constructor(host: HostCore) {
    this.#host = host
  }

  /**
   * Shape:  `{get_pid, UUID, Ref, FsPid}` to the name, answer `{Ref, Pid}`; or
   *         `{FsPid, {call, Module, Function, [Ref], user}}` to `rex`, answer `{rex, {Ref, Pid}}`.
   * Source: mod_erlang_event.c; OTP 25, kernel/src/rpc.erl, handle_info({From, {call, …}}).
   */
  ask(
    target: Exclude<AttachTarget, { kind: 'name' }>,
    uuid: string,
    timeoutMs: number,
  ): PidRequest {
    const { process } = this.#host
    // An alias because that is a reference nobody else has: it goes back with the answer.
    const reference = process.alias()
    const key = foreignReferenceKey(reference)
    let settle: (answer: Pid | NoPid) => void = () => undefined
    const answer = new Promise<Pid | NoPid>((resolve) => {
      const timer = setTimeout(() => settle('timeout'), timeoutMs)
      settle = (value) => {
        clearTimeout(timer)
        if (this.#pending.delete(key) && process.isAlive) process.unalias(reference)
        resolve(value)
      }
    })
    this.#pending.set(key, { node: target.node, settle })
    const { to, message } = this.#question(target, uuid, reference)
    void process.send({ name: to, node: target.node }, message)
    return { answer, withdraw: () => settle('withdrawn') }
  }

  /** `{Ref, Pid}` has come. False when nobody waits for it (any more). */
  answered(reference: Reference, pid: Pid): boolean {
    const pending = this.#pending.get(foreignReferenceKey(reference))
    pending?.settle(pid)
    return pending !== undefined
  }

  nodeLost(node: string): void {
    for (const pending of this.#pending.values())
      if (pending.node === node) pending.settle('nodeLost')
  }

  #question(
    target: Exclude<AttachTarget, { kind: 'name' }>,
    uuid: string,
    reference: Reference,
  ): { readonly to: string; readonly message: TermInput } {
    const { process, options } = this.#host
    if (target.kind === 'getPid') {
      const text = writeText(uuid, options.encoding)
      return {
        to: target.name,
        message: tuple(atom('get_pid'), text, reference, process.pid),
      }
    }
    const request = tuple(
      atom('call'),
      atom(target.module),
      atom(target.function),
      [reference],
      atom('user'),
    )
    return { to: rex.name, message: tuple(process.pid, request) }
  }
}
