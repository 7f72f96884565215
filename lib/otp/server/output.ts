import type { NodeCore } from '../../node/core.js'
import type { Process } from '../../node/process/process.js'
import { atom } from '../../term/atom.js'
import type { Pid } from '../../term/pid.js'
import { Reference } from '../../term/reference.js'
import { isTagged, type Term } from '../../term/term.js'
import { tuple } from '../../term/tuple.js'

/**
 * What a server prints: to its group leader where it has one, else to the standard output of this
 * process, which is where a node's own processes print.
 *
 * Shape:  `{io_request, From, ReplyAs, {put_chars, unicode, Text}}`; answer `{io_reply, ReplyAs, _}`.
 */
export class ServerOutput {
  readonly #server: Process
  readonly #core: NodeCore
  readonly #groupLeader: Pid | undefined
  #replyAs: Reference | undefined

  constructor(server: Process, core: NodeCore, groupLeader: Pid | undefined) {
    this.#server = server
    this.#core = core
    this.#groupLeader = groupLeader
  }

  print(text: string): void {
    if (this.#groupLeader === undefined) {
      process.stdout.write(text)
      return
    }
    this.#replyAs ??= this.#core.identity.nextReference()
    const characters = tuple(atom('put_chars'), atom('unicode'), text)
    const request = tuple(atom('io_request'), this.#server.pid, this.#replyAs, characters)
    void this.#server.send(this.#groupLeader, request, { encode: {} })
  }

  /** The group leader's answer, which nobody waits for. */
  isAnswer(message: Term): boolean {
    if (this.#replyAs === undefined || !isTagged(message, 'io_reply', 3)) return false
    const reference = message[1]
    if (!Reference.is(reference)) return false
    const { identity } = this.#core
    return identity.referenceKey(reference) === identity.referenceKey(this.#replyAs)
  }
}
