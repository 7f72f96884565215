import { SwitchEvent } from '../../protocol/switch-event.js'
import type { HostCore } from '../host-core.js'
import { runProgram } from '../program.js'
import type { Call } from './call.js'
import type { CallCommand } from './call-command.js'

/** How many commands of one call FreeSWITCH lets wait. */
const maxWaiting = 256

const sentOrigin = { file: 'handle_msg.c', func: 'handle_msg_sendmsg', line: 878 }
const ranOrigin = { file: 'switch_ivr.c', func: 'switch_ivr_parse_next_event', line: 804 }

/** The commands to one call: carried out one at a time, in order. */
export class CommandQueue {
  readonly #host: HostCore
  readonly #call: Call
  readonly #run: ((command: CallCommand) => unknown) | undefined
  #waiting: (() => undefined | Promise<void>)[] = []
  #isBusy = false

  constructor(host: HostCore, call: Call, run: ((command: CallCommand) => unknown) | undefined) {
    this.#host = host
    this.#call = call
    this.#run = run
  }

  /** False when too many wait already. */
  add(command: CallCommand): boolean {
    if (this.#waiting.length >= maxWaiting) return false
    const { factory } = this.#host
    const sent = factory.baseHeaders('SEND_MESSAGE', undefined, sentOrigin)
    this.#waiting.push(() => {
      const done = runProgram(this.#host, `sendmsg of ${this.#call.uuid}`, () =>
        this.#run?.(command),
      )
      const tell = () => this.#ran([...sent, ...command.headers])
      if (done !== undefined) return done.then(tell)
      tell()
      return undefined
    })
    // Later, so that the answer to `sendmsg` goes before what comes of it.
    if (!this.#isBusy) setImmediate(this.#next)
    this.#isBusy = true
    return true
  }

  clear(): void {
    this.#waiting = []
  }

  readonly #next = (): void => {
    const done = this.#waiting.shift()?.()
    if (done !== undefined) void done.then(this.#next)
    else if (this.#waiting.length > 0) setImmediate(this.#next)
    else this.#isBusy = false
  }

  /**
   * FreeSWITCH fires the command itself once it has run: an event with two names and two sets of the
   * headers that every event has, without the variables of the channel.
   */
  #ran(sent: readonly (readonly [string, string])[]): void {
    const { events, factory } = this.#host
    const base = factory.baseHeaders('PRIVATE_COMMAND', undefined, ranOrigin)
    const data = this.#call.headers.filter(([name]) => !name.startsWith('variable_'))
    const headers = [...sent, ...base, ...data]
    events.fire(new SwitchEvent(headers, undefined, 'PRIVATE_COMMAND'))
  }
}
