import type { ErlangError } from '../../errors.js'
import { atom } from '../../term/atom.js'
import type { Pid } from '../../term/pid.js'
import { isTagged, isTuple, type Term, type TermInput } from '../../term/term.js'
import { tuple } from '../../term/tuple.js'
import { SwitchEvent } from '../protocol/switch-event.js'
import { byteString, readSentText } from '../protocol/text.js'
import { CallNames, type CallTarget } from './call-names.js'
import type { SwitchConnection } from './connection.js'
import { type CallLine, HandledCall } from './handled-call.js'
import { limited } from './limited.js'
import { type RequestWait, resolveRequest } from './options.js'
import { readOk } from './reply.js'
import { SwitchProcess } from './switch-process.js'

/** Has a call until it returns. */
export type OnCall = (call: HandledCall) => unknown

/** Something that is in force until it is closed. */
export interface Registration extends AsyncDisposable {
  /** Safe twice. */
  close(): void
}

/** How long a switch may take from our answer to the call itself: it waits 5 s for the answer. */
const attachMs = 15_000

/** All calls of one client: those that the switch brings, and those that the program takes. */
export class CallDesk {
  readonly #connection: SwitchConnection
  readonly #sendMsg: CallLine['sendMsg']
  readonly #failed: (error: unknown) => void
  readonly #calls = new Set<HandledCall>()
  /** Those that have processes of their own, come or to come. */
  readonly #owned = new Set<OwnedCall>()
  readonly #registrations = new Set<() => void>()

  constructor(
    connection: SwitchConnection,
    sendMsg: CallLine['sendMsg'],
    failed: (error: unknown) => void,
  ) {
    this.#connection = connection
    this.#sendMsg = sendMsg
    this.#failed = failed
  }

  /** Errors: RangeError for a name that is taken. */
  onCall(target: CallTarget, handler: OnCall): Registration {
    const names = CallNames.of(this.#connection.node)
    const { peer } = this.#connection
    const takeBack =
      target.kind === 'name'
        ? this.#onName(names, target.name, handler)
        : names.expose(target.module, target.name, peer, (reference) =>
            tuple(reference, this.#expect(handler).pid),
          )
    const close = (): void => {
      if (this.#registrations.delete(close)) takeBack()
    }
    this.#registrations.add(close)
    return {
      close,
      [Symbol.asyncDispose]: async () => close(),
    }
  }

  /** Takes a call that the switch has. Errors: ERR_ERL_REMOTE `badsession`, and as `ask`. */
  async handleCall(uuid: string, wait: RequestWait): Promise<HandledCall> {
    const asked = `handlecall ${uuid} of ${this.#connection.peer}`
    const owned = this.#newOwned()
    try {
      const message = tuple(atom('handlecall'), byteString(uuid))
      const accepted = owned.process.ask(message, asked, wait).then((answer) => {
        readOk(answer, asked)
        return owned.call
      })
      accepted.catch(() => undefined)
      // The call may come, and go, before we are told that we may have it.
      const come = Promise.race([owned.call, accepted])
      return await limited(come, wait, `the call of ${asked} did not come`)
    } catch (error) {
      owned.close()
      throw error
    }
  }

  close(): void {
    for (const close of this.#registrations) close()
    for (const call of this.#calls) call.release()
    for (const owned of this.#owned) owned.close()
  }

  newCall(data: SwitchEvent, ask: CallLine['ask'], released: () => void): HandledCall {
    const { peer, options } = this.#connection
    const call: HandledCall = new HandledCall(
      {
        peer,
        queueLimit: options.queueLimit,
        wait: (method, given) => resolveRequest(method, given, options),
        sendMsg: this.#sendMsg,
        ask,
        released: () => {
          this.#calls.delete(call)
          released()
        },
      },
      data.uuid ?? '',
      data,
    )
    this.#calls.add(call)
    return call
  }

  /** A process for a call that the switch is about to bring. */
  #expect(handler: OnCall): SwitchProcess {
    const owned = this.#newOwned()
    owned.process.watch()
    limited(owned.call, { timeoutMs: attachMs }, 'a call did not come').then(
      (call) => void this.#run(call, handler),
      () => owned.close(),
    )
    return owned.process
  }

  #newOwned(): OwnedCall {
    const owned: OwnedCall = new OwnedCall(this, this.#connection, () => this.#owned.delete(owned))
    this.#owned.add(owned)
    return owned
  }

  #onName(names: CallNames, name: string, handler: OnCall): () => void {
    const { peer } = this.#connection
    const shared = new NamedCalls(this, (call) => void this.#run(call, handler))
    const takeBack = names.claim(name, peer, (message) => {
      if (isTagged(message, 'get_pid', 4)) this.#answer(message[2], handler)
      else shared.message(message)
    })
    const stopListening = this.#connection.listen({ lost: (error) => shared.lost(error) })
    return () => {
      stopListening()
      takeBack()
    }
  }

  /** `{get_pid, Uuid, Ref, SwitchPid}`: answered with `{Ref, Pid}`, to which nothing comes back. */
  #answer(reference: Term | undefined, handler: OnCall): void {
    if (reference === undefined || this.#connection.isClosed) return
    const process = this.#expect(handler)
    // Without a connection no call comes, which the process is told.
    process.send(tuple(reference, process.pid)).catch(() => undefined)
  }

  async #run(call: HandledCall, handler: OnCall): Promise<void> {
    try {
      await handler(call)
    } catch (error) {
      // That the call is over is no news.
      if (!call.isOwnEnd(error)) this.#failed(error)
    } finally {
      call.release()
    }
  }
}

/** A call whose handler is a process of its own, which the switch is linked with. */
class OwnedCall {
  readonly process: SwitchProcess
  /** The call, when it has come. */
  readonly call: Promise<HandledCall>
  readonly #desk: CallDesk
  readonly #connection: SwitchConnection
  readonly #ended: () => void
  #call: HandledCall | undefined
  #came: { resolve(call: HandledCall): void; reject(error: unknown): void } | undefined

  /** `ended` is told when its process has been closed. */
  constructor(desk: CallDesk, connection: SwitchConnection, ended: () => void) {
    this.#desk = desk
    this.#connection = connection
    this.#ended = ended
    this.call = new Promise((resolve, reject) => {
      this.#came = { resolve, reject }
    })
    this.call.catch(() => undefined)
    this.process = new SwitchProcess(connection, {
      message: (message) => this.#message(message),
      lost: (error) => this.#lost(error),
    })
  }

  get pid(): Pid {
    return this.process.pid
  }

  /** Ends its process: the switch lets the call go on, and who waits for it is told. Safe twice. */
  close(): void {
    this.#came?.reject(this.#connection.closedError())
    this.process.close()
    this.#ended()
  }

  #message(message: Term): void {
    const told = readCallMessage(message)
    if (told?.kind === 'call') this.#begin(told.event)
    else if (told?.kind === 'event') this.#call?.event(told.event)
    else if (told?.kind === 'hangup') this.#call?.hungUp()
  }

  #begin(data: SwitchEvent): void {
    if (this.#call !== undefined) {
      this.#call.renewed(data)
      return
    }
    const ask = (message: TermInput, asked: string, wait: RequestWait) =>
      this.process.ask(message, asked, wait)
    this.#call = this.#desk.newCall(data, ask, () => this.close())
    this.#came?.resolve(this.#call)
  }

  #lost(error: ErlangError): void {
    this.#came?.reject(error)
    this.#call?.over(error, true)
    this.close()
  }
}

/** The calls of a registered name, told apart by their ids. */
class NamedCalls {
  readonly #desk: CallDesk
  readonly #begin: (call: HandledCall) => void
  readonly #calls = new Map<string, HandledCall>()

  constructor(desk: CallDesk, begin: (call: HandledCall) => void) {
    this.#desk = desk
    this.#begin = begin
  }

  message(message: Term): void {
    const told = readCallMessage(message)
    if (told === undefined) return
    const call = this.#calls.get(told.uuid)
    if (told.kind === 'event') call?.event(told.event)
    else if (told.kind === 'hangup') call?.hungUp()
    else if (call !== undefined) call.renewed(told.event)
    else this.#came(told.uuid, told.event)
  }

  lost(error: ErlangError): void {
    for (const call of [...this.#calls.values()]) call.over(error, true)
  }

  #came(uuid: string, data: SwitchEvent): void {
    const call: HandledCall = this.#desk.newCall(data, undefined, () => {
      if (this.#calls.get(uuid) === call) this.#calls.delete(uuid)
    })
    this.#calls.set(uuid, call)
    this.#begin(call)
  }
}

type CallMessage =
  | { readonly kind: 'call' | 'event'; readonly uuid: string; readonly event: SwitchEvent }
  | { readonly kind: 'hangup'; readonly uuid: string }

/** `{call, {event, …}}`, `{call_event, {event, …}}`, `{call_hangup, Uuid}`. */
function readCallMessage(message: Term): CallMessage | undefined {
  if (!isTuple(message, 2)) return undefined
  if (isTagged(message, 'call_hangup', 2)) {
    return { kind: 'hangup', uuid: readSentText(message[1]) ?? '' }
  }
  const isCall = isTagged(message, 'call', 2)
  if (!isCall && !isTagged(message, 'call_event', 2)) return undefined
  const event = SwitchEvent.fromTerm(message[1])
  if (event === undefined) return undefined
  return { kind: isCall ? 'call' : 'event', uuid: event.uuid ?? '', event }
}
