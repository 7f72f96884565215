/**
 * One call of the small switch: a caller who listens, and presses the keys that the test dial string
 * gave it. The applications stand for media: they take their time and say what FreeSWITCH would say.
 */
import { setTimeout as pause } from 'node:timers/promises'

const PLAYBACK_MS = 300
const KEY_MS = 200

export class Channel {
  #call
  #keys
  #variables = new Map()
  #ended

  /** `keys`: what the caller will press, in order. `ended` is told when the call is over. */
  constructor(host, { uuid, destination, keys, ended }) {
    this.#keys = [...keys]
    this.#ended = ended
    this.#call = host.call(uuid, {
      state: 'CS_EXECUTE',
      headers: {
        'Channel-Name': `loopback/${destination}`,
        'Caller-Caller-ID-Number': '1000',
        'Caller-Destination-Number': destination,
      },
      sendmsg: (command) => this.#carryOut(command),
      // The handler is gone: FreeSWITCH would go on with the dialplan, which has nothing more here.
      released: ({ next }) => next === 'continue' && this.hangUp('NORMAL_CLEARING'),
    })
  }

  get uuid() {
    return this.#call.uuid
  }

  /** Runs the application `erlang`: gives the call to a handler at an Erlang node. */
  async run(target) {
    this.#call.emit({ name: 'CHANNEL_CREATE' })
    const outcome = await this.#call.attach(target)
    if (outcome.kind === 'attached') return
    this.hangUp(outcome.hangupCause ?? 'DESTINATION_OUT_OF_ORDER')
  }

  hangUp(cause) {
    if (this.#call.isEnded) return
    this.#call.state = 'CS_HANGUP'
    this.#call.set('Hangup-Cause', cause)
    this.#call.emit({ name: 'CHANNEL_HANGUP' })
    this.#call.emit({ name: 'CHANNEL_HANGUP_COMPLETE' })
    this.#call.end()
    this.#ended(cause)
  }

  async #carryOut(command) {
    if (command.kind === 'hangup') this.hangUp(command.cause)
    if (command.kind !== 'execute') return
    const { application, argument, eventUuid } = command
    const run = APPLICATIONS[application]
    if (run === undefined) return this.hangUp('DESTINATION_OUT_OF_ORDER')
    const headers = { Application: application, 'Application-Data': argument }
    if (eventUuid !== undefined) headers['Application-UUID'] = eventUuid
    this.#call.emit({ name: 'CHANNEL_EXECUTE', headers })
    const response = await run(this, argument)
    if (this.#call.isEnded) return
    const done = { ...headers, 'Application-Response': response ?? '_none_' }
    this.#call.emit({ name: 'CHANNEL_EXECUTE_COMPLETE', headers: done })
  }

  set(name, value) {
    this.#variables.set(name, value)
    this.#call.set(`variable_${name}`, value)
  }

  answer() {
    this.#call.set('Answer-State', 'answered')
    this.#call.emit({ name: 'CHANNEL_ANSWER' })
  }

  async play(file) {
    const headers = { 'Playback-File-Path': file }
    this.#call.emit({ name: 'PLAYBACK_START', headers })
    await pause(PLAYBACK_MS)
    if (!this.#call.isEnded) this.#call.emit({ name: 'PLAYBACK_STOP', headers })
  }

  /** The next key; undefined when the caller presses none. */
  async key() {
    await pause(KEY_MS)
    const digit = this.#keys.shift()
    if (digit === undefined || this.#call.isEnded) return undefined
    this.#call.emit({ name: 'DTMF', headers: { 'DTMF-Digit': digit } })
    return digit
  }
}

const APPLICATIONS = {
  answer: (channel) => channel.answer(),
  set: (channel, argument) => {
    const [name, value = ''] = argument.split('=', 2)
    channel.set(name, value)
  },
  playback: async (channel, file) => {
    await channel.play(file)
    return 'FILE PLAYED'
  },
  /** `<min> <max> <tries> <timeout ms> <terminators> <file> <invalid file> <variable>` */
  play_and_get_digits: async (channel, argument) => {
    const [min, max, tries, , terminators, file, invalid, variable] = argument.split(' ')
    for (let attempt = 0; attempt < Number(tries); attempt++) {
      await channel.play(attempt === 0 ? file : invalid)
      let digits = ''
      while (digits.length < Number(max)) {
        const digit = await channel.key()
        if (digit === undefined || terminators.includes(digit)) break
        digits += digit
      }
      if (digits.length < Number(min)) continue
      channel.set(variable, digits)
      return 'success'
    }
    return 'failure'
  },
}
