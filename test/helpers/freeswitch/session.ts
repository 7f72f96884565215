import { randomUUID } from 'node:crypto'
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises'
import type { Call, CallCommand, EventName, Header } from 'beamlink/freeswitch'
import type { Channel } from './channel.js'
import { type Action, actionsFor } from './dialplan.js'
import { type Park, type ParkEnd, park } from './park.js'
import type { SmallSwitch } from './small-switch.js'
import { origins } from './switch-origins.js'

/** How long a tone takes to play. */
const toneMs = 2

/** The life of a call: it is routed, runs the applications of its dialplan, and ends. */
export class Session {
  readonly channel: Channel
  readonly #switch: SmallSwitch
  readonly #call: Call
  /** Settles when the call is over. */
  readonly ended: Promise<void>
  #tellEnd: () => void = () => undefined
  #park: Park | undefined
  #isCommanded = false
  #isTransferred = false
  /** What the last application of a dialplan, or of a command, said. */
  #response: string | undefined

  constructor(small: SmallSwitch, channel: Channel) {
    this.#switch = small
    this.channel = channel
    this.ended = new Promise((resolve) => {
      this.#tellEnd = resolve
    })
    this.#call = small.host.call(channel.uuid, {
      headers: channel.data,
      sendmsg: (command) => this.#command(command),
      released: ({ next }) => {
        if (next === 'continue') this.#unpark('released')
      },
    })
    small.log('NOTICE', `New Channel ${channel.name} [${channel.uuid}]`, {
      ...origins.newChannel,
      uuid: channel.uuid,
    })
  }

  /** Runs the applications given, or those that the dialplan has for where the channel is sent. */
  async run(inline?: readonly Action[]): Promise<void> {
    let actions = inline
    do {
      this.#isTransferred = false
      this.#running('CS_ROUTING')
      actions ??= await actionsFor(this.#switch.host, this.channel)
      this.#route()
      this.#running('CS_EXECUTE')
      for (const action of actions) {
        if (this.#isOver || this.#isTransferred) break
        await this.#execute(action)
      }
      actions = undefined
    } while (this.#isTransferred && !this.#isOver)
    this.hangUp('NORMAL_CLEARING')
    await this.#end()
  }

  /** False when it had hung up before. */
  hangUp(cause: string): boolean {
    const { channel } = this
    if (channel.isHungUp) return false
    channel.hangUp(cause)
    this.#changed()
    this.#fire('CHANNEL_HANGUP', [...channel.basics, ...channel.variables])
    this.#switch.log('NOTICE', `Hangup ${channel.name} [${channel.state}] [${cause}]`, {
      ...origins.hangUp,
      uuid: channel.uuid,
    })
    this.#unpark('hungUp')
    return true
  }

  transfer(destination: string, context: string): void {
    this.channel.transfer(destination, context)
    this.#changed()
    this.#isTransferred = true
    this.#unpark('transferred')
  }

  setVariable(name: string, value: string | undefined): void {
    this.channel.setVariable(name, value)
    this.#changed()
  }

  /** Plays something to the call, whatever it is doing. */
  async broadcast(path: string): Promise<void> {
    await this.#execute({ application: 'playback', argument: path })
    this.#fire('COMMAND', [['Event-Name', 'PRIVATE_COMMAND'], ...this.channel.basics])
  }

  get #isOver(): boolean {
    return this.channel.isHungUp
  }

  async #command(command: CallCommand): Promise<void> {
    this.#isCommanded = true
    if (command.kind === 'hangup') this.hangUp(command.cause)
    if (command.kind === 'execute') {
      const { application, argument, eventUuid } = command
      this.setVariable('current_loop', '1')
      this.setVariable('total_loops', '1')
      await this.#execute({ application, argument }, eventUuid)
    }
    // The host fires the command itself next, before the call goes on.
    await this.#switch.events.flushed()
    this.#isCommanded = false
    const why = this.#whyNotParked
    if (why !== undefined) this.#switch.work.add(turn().then(() => this.#unpark(why)))
  }

  get #whyNotParked(): ParkEnd | undefined {
    if (this.#isOver) return 'hungUp'
    return this.#isTransferred ? 'transferred' : undefined
  }

  /** A call that carries out a command stays parked until it is done. */
  #unpark(why: ParkEnd): void {
    if (!this.#isCommanded) this.#park?.end(why)
  }

  async #execute({ application, argument }: Action, id = randomUUID() as string): Promise<void> {
    const run = this.#applications[application]
    if (run === undefined) {
      this.hangUp('DESTINATION_OUT_OF_ORDER')
      return
    }
    const about: Header[] = [
      ['Application', application],
      ...(argument === '' ? [] : [['Application-Data', argument] as const]),
    ]
    this.channel.setVariable('current_application', application)
    this.channel.setVariable('current_application_data', argument === '' ? undefined : argument)
    this.#response = undefined
    this.#fireAll('CHANNEL_EXECUTE', [...about, ['Application-UUID', id]])
    this.channel.setVariable('current_application', application)
    this.#changed()
    await run(argument)
    this.#fireAll('CHANNEL_EXECUTE_COMPLETE', [
      ...about,
      ['Application-Response', this.#response ?? '_none_'],
      ['Application-UUID', id],
    ])
  }

  readonly #applications: Readonly<
    Record<string, (argument: string) => void | boolean | Promise<void>>
  > = {
    answer: () => {
      this.channel.answerState = 'answered'
      this.channel.callState = 'ACTIVE'
      this.#changed()
    },
    set: (assignment) => {
      const [name = '', value = ''] = assignment.split(/=(.*)/s)
      this.setVariable(name, value)
    },
    park: () => this.#parked(),
    hangup: (cause) => this.hangUp(cause === '' ? 'NORMAL_CLEARING' : cause),
    playback: () => this.#playback(),
    transfer: (target) => {
      const [destination = '', , context = 'default'] = target.split(' ')
      this.transfer(destination, context)
    },
    erlang: (target) => this.#erlang(target),
    erlang_sendmsg: async (argument) => {
      const [, name, node, text] = /^(\S+) (\S+) (.+)$/s.exec(argument) ?? []
      if (name === undefined || node === undefined || text === undefined) return
      await this.#switch.host.sendMessage(name, node, text)
    },
  }

  async #playback(): Promise<void> {
    this.#fire('PLAYBACK_START', this.channel.basics)
    await sleep(toneMs)
    this.#fire('PLAYBACK_STOP', this.channel.basics)
    this.#response = 'FILE PLAYED'
  }

  /** Gives the call to a handler; it stays parked until that lets it go. */
  async #erlang(target: string): Promise<void> {
    if (this.#park !== undefined) return
    const outcome = await this.#call.attach(target)
    if (outcome.kind === 'timeout') this.hangUp(outcome.hangupCause)
    if (outcome.kind === 'attached' || outcome.kind === 'alreadyAttached') await this.#parked()
  }

  async #parked(): Promise<void> {
    if (this.#park !== undefined || this.#isOver) return
    this.#park = park()
    this.#fireAll('CHANNEL_PARK')
    await this.#switch.work.except(this.#park.ended)
    this.#park = undefined
    this.#fireAll('CHANNEL_UNPARK')
  }

  #route(): void {
    if (this.channel.isRouted) return
    this.channel.routed()
    this.#fire('CALL_UPDATE', [
      ['Direction', 'RECV'],
      ...this.channel.basics,
      ...this.channel.variables,
    ])
    this.channel.setVariable('call_uuid', this.channel.uuid)
  }

  async #end(): Promise<void> {
    const { channel } = this
    this.#running('CS_HANGUP')
    channel.callState = 'HANGUP'
    this.#fire('CHANNEL_CALLSTATE', [
      ['Original-Channel-Call-State', 'ACTIVE'],
      ['Channel-Call-State-Number', '7'],
      ...channel.basics,
    ])
    this.#running('CS_REPORTING')
    channel.writeRecord()
    const cause = channel.hangupCause ?? ''
    this.#fire('CHANNEL_HANGUP_COMPLETE', [
      ['Hangup-Cause', cause],
      ...channel.basics,
      ...channel.variables,
    ])
    await this.#switch.events.flushed()
    this.#call.end()
    this.#tellEnd()
    channel.nextState = 'CS_DESTROY'
    this.#fireAll('CHANNEL_DESTROY')
    channel.state = 'CS_DESTROY'
    this.#fire('CHANNEL_STATE', channel.basics)
  }

  #running(state: string): void {
    this.channel.state = state
    this.channel.nextState = undefined
    this.#call.state = state
    this.#changed()
    this.#fire('CHANNEL_STATE', this.channel.basics)
  }

  /** The host knows the data of the channel for handlers to come. */
  #changed(): void {
    this.#call.headers = this.channel.data
  }

  #fireAll(name: EventName, rest: readonly Header[] = []): void {
    this.#fire(name, [...this.channel.basics, ...this.channel.variables, ...rest])
  }

  #fire(name: EventName, headers: readonly Header[]): void {
    this.#switch.events.fire({ name, headers, ...origins.ofEvent(name) })
  }
}
