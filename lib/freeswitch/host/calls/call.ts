import { checkFunction, checkNames, checkObject, checkText } from '../../../base/validate.js'
import type { HeadersInput } from '../../protocol/headers-input.js'
import type { Header, SwitchEvent } from '../../protocol/switch-event.js'
import { type NewEvent, resolveHeaders } from '../events/event-factory.js'
import type { HostCore } from '../host-core.js'
import { runProgram } from '../program.js'
import type { Attachment, CallHandler } from './attachment.js'
import type { CallCommand } from './call-command.js'
import { CallHandlers } from './call-handlers.js'
import { CommandQueue } from './command-queue.js'
import { type AttachOutcome, Outbound } from './outbound.js'
import { checkWhenHandlerGone, type Release, type WhenHandlerGone } from './release.js'

/** What a program says of a channel, and wants to hear of it. */
export interface CallOptions {
  /**
   * The data of the channel, in FreeSWITCH's words: `Channel-Name`, `Caller-…`, `variable_…`. What
   * handlers get in `{call, …}`, and what every event of the channel carries.
   */
  readonly headers?: HeadersInput
  /** `CS_NEW` by default. */
  readonly state?: string
  /** Carries out what handlers, or anybody, `sendmsg`. The next command waits for a promise. */
  readonly sendmsg?: (command: CallCommand) => unknown
  /**
   * Told when a handler is gone, and what is to become of the call: to let the dialplan go on, and to
   * hang up, is the business of the program.
   */
  readonly released?: (release: Release) => unknown
  /** In place of the options of the host, with which they share their meaning. */
  readonly whenHandlerDies?: WhenHandlerGone
  /**
   * What becomes of the call when the node of its last handler is lost; as `whenHandlerDies` if
   * absent.
   */
  readonly whenNodeIsLost?: WhenHandlerGone
}

const callOptionNames = [
  'headers',
  'state',
  'sendmsg',
  'released',
  'whenHandlerDies',
  'whenNodeIsLost',
]

const dataOrigin = { file: 'mod_erlang_event.c', func: 'notify_new_session', line: 646 }

/** The end of the data that a handler gets first. */
const replyHeaders: readonly Header[] = [
  ['Content-Type', 'command/reply'],
  ['Reply-Text', '+OK\n'],
]

/**
 * A channel of the switch. Erlang processes attach to it with `handlecall`, or are given it with
 * `attach`; they get its events, and send it commands.
 */
export class Call {
  readonly uuid: string
  readonly #host: HostCore
  readonly #options: CallOptions
  readonly #handlers: CallHandlers
  readonly #outbound: Outbound
  readonly #commands: CommandQueue
  #headers: readonly Header[]
  /** Those with the state and the id, while neither has changed. */
  #all: readonly Header[] | undefined
  #state: string
  #isEnded = false
  /** Another handler is to take over only once. */
  #wasHandedOn = false

  /** @internal Programs use `EventHost.call`. */
  constructor(host: HostCore, uuid: string, options: CallOptions) {
    checkNames('call', checkObject('options', options), callOptionNames)
    const { headers = [], state = 'CS_NEW', sendmsg, released } = options
    if (sendmsg !== undefined) checkFunction('sendmsg', sendmsg)
    if (released !== undefined) checkFunction('released', released)
    for (const name of ['whenHandlerDies', 'whenNodeIsLost'] as const) {
      if (options[name] !== undefined) checkWhenHandlerGone(name, options[name])
    }
    this.uuid = checkText('uuid', uuid)
    this.#host = host
    this.#options = options
    this.#headers = resolveHeaders('headers', headers)
    this.#state = checkText('state', state)
    this.#handlers = new CallHandlers(host, this)
    this.#outbound = new Outbound(host, uuid, this.#handlers)
    this.#commands = new CommandQueue(host, this, sendmsg)
  }

  /** The state of the channel, `CS_EXECUTE` for one. It goes with the data and with every event. */
  get state(): string {
    return this.#state
  }

  set state(state: string) {
    this.#state = checkText('state', state)
    this.#all = undefined
    for (const attachment of this.#handlers.all) attachment.state = state
  }

  /** The data of the channel, with its state and its id. */
  get headers(): readonly Header[] {
    this.#all ??= withOwn(this.#headers, [
      ['Channel-State', this.#state],
      ['Unique-ID', this.uuid],
    ])
    return this.#all
  }

  /** Replaces the data. */
  set headers(headers: HeadersInput) {
    this.#headers = resolveHeaders('headers', headers)
    this.#all = undefined
  }

  /** Changes one header of the data, or adds it. */
  set(name: string, value: string | number | boolean): this {
    const [header] = resolveHeaders('header', [[name, value]])
    if (header === undefined) return this
    const isMeant = ([key]: Header) => key.toLowerCase() === header[0].toLowerCase()
    this.#headers = this.#headers.some(isMeant)
      ? this.#headers.map((each) => (isMeant(each) ? header : each))
      : [...this.#headers, header]
    this.#all = undefined
    return this
  }

  /** Who handles it. */
  get handlers(): CallHandler[] {
    return Array.from(this.#handlers.all, ({ handler }) => handler)
  }

  /** True after `end`, or when the host or its node has ended. */
  get isEnded(): boolean {
    return this.#isEnded
  }

  /**
   * The application `erlang` of the dialplan: gives the call to a handler, `"<target> <node>"`, where
   * the target is a registered name, `name:!` or `module:function`. Dials the node if need be; what
   * happens meanwhile the handler gets afterwards.
   */
  attach(target: string): Promise<AttachOutcome> {
    checkText('target', target)
    return this.#outbound.attach(target)
  }

  /** Fires an event of this channel: its data comes before the headers given here. */
  emit(event: Omit<NewEvent, 'uuid'>): SwitchEvent {
    const made = this.#host.factory.create(event, this.headers)
    this.#host.events.fire(made)
    return made
  }

  /**
   * The channel is gone: every handler gets `{call_hangup, UUID}`, after the events that were fired
   * before. FreeSWITCH fires CHANNEL_DESTROY after this. Safe twice.
   */
  end(): void {
    if (this.#isEnded) return
    this.#isEnded = true
    this.#host.calls.ended(this)
    this.#outbound.ended()
    this.#handlers.forgetEvents()
    this.#commands.clear()
    for (const attachment of [...this.#handlers.all]) this.#handlers.dismiss(attachment)
  }

  /** @internal `handlecall`. */
  handledBy(handler: CallHandler): void {
    this.#outbound.withdraw()
    this.#handlers.add(handler)
  }

  /** @internal `sendmsg`. False when too many wait already. */
  command(command: CallCommand): boolean {
    return this.#commands.add(command)
  }

  /** @internal An event with its id was fired. */
  event(event: SwitchEvent): void {
    this.#handlers.event(event)
  }

  /** @internal CHANNEL_DATA: what a handler gets first. */
  dataEvent(): SwitchEvent {
    const { headers: own } = this
    const headers = [...callerProfile(own), ...own, ...replyHeaders]
    return this.#host.factory.make('CHANNEL_DATA', headers, dataOrigin)
  }

  /** @internal A handler is gone. `isOutOfReach`: nothing can be sent to it any more. */
  takeOut(attachment: Attachment, isOutOfReach: boolean): void {
    if (isOutOfReach) this.#handlers.remove(attachment)
    else this.#handlers.dismiss(attachment)
    // Nothing is lost meanwhile; whether anybody gets it is decided next.
    if (this.#handlers.size === 0) this.#handlers.keepEvents()
  }

  /** @internal It has been taken out: what becomes of the call? */
  handlerGone({ handler }: Attachment, isOutOfReach: boolean): void {
    if (this.#isEnded) return
    const reason = isOutOfReach ? 'nodeLost' : 'handlerEnded'
    const policy = this.#policy(reason)
    if (policy === 'continue' || policy === 'hangup') this.#handlers.forgetEvents()
    const next = typeof policy === 'object' ? 'attach' : policy
    this.#tell({ handler, reason, next })
    // Before that the program has its own events to fire, and nobody else knows when they are done.
    if (next === 'hangup' && this.#options.released === undefined) this.end()
    if (typeof policy !== 'object') return
    const failed = (error: unknown) => this.#host.failed(`attach of ${this.uuid}`, error)
    this.#handOn(handler, policy.attach).catch(failed)
  }

  #policy(reason: 'handlerEnded' | 'nodeLost'): WhenHandlerGone | 'handled' {
    if (this.#handlers.size > 0) return 'handled'
    const { whenHandlerDies: died, whenNodeIsLost: lost = died } = this.#options
    const { whenHandlerDies, whenNodeIsLost } = this.#host.options
    const policy = reason === 'nodeLost' ? (lost ?? whenNodeIsLost) : (died ?? whenHandlerDies)
    if (typeof policy === 'object' && this.#wasHandedOn) return 'continue'
    return policy
  }

  async #handOn(handler: CallHandler, target: string): Promise<void> {
    this.#wasHandedOn = true
    // All else that is to be told of a lost node comes first.
    await new Promise((resolve) => setImmediate(resolve))
    const outcome = await this.#outbound.attach(target)
    if (outcome.kind === 'attached' || outcome.kind === 'alreadyAttached') return
    if (outcome.kind === 'ended') return
    this.#tell({ handler, reason: 'attachFailed', next: 'continue' })
  }

  #tell(release: Release): void {
    const { released } = this.#options
    if (released === undefined) return
    void runProgram(this.#host, `released of ${this.uuid}`, () => released(release))
  }
}

/** Headers with some that are known better: in the place of those given, else before all. */
function withOwn(given: readonly Header[], own: readonly Header[]): Header[] {
  const left = new Map(own.map((header) => [header[0].toLowerCase(), header]))
  const all = given.map((header) => {
    const name = header[0].toLowerCase()
    const better = left.get(name)
    left.delete(name)
    return better ?? header
  })
  return [...left.values(), ...all]
}

/** FreeSWITCH gives the profile of the caller twice, first under another prefix. */
function callerProfile(headers: readonly Header[]): Header[] {
  return headers
    .filter(([name]) => name.startsWith('Caller-'))
    .map(([name, value]) => [`Channel-${name.slice('Caller-'.length)}`, value])
}
