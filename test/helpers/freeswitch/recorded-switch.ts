import { readFileSync } from 'node:fs'
import path from 'node:path'
import {
  decode,
  type ErlangNode,
  format,
  isTuple,
  type MailboxProcess,
  type Term,
  tuple,
} from 'beamlink'
import type { ErlNode } from '../erl-node.js'

const folder = path.resolve(__dirname, '../../fixtures/freeswitch')
const transcript = path.join(folder, 'transcript-string.term')

/** One exchange with a running FreeSWITCH. */
export interface Exchange {
  readonly name: string
  readonly request: Term
  readonly replies: readonly Term[]
}

/** An Erlang process that answers a client as FreeSWITCH did when it was recorded. */
export class RecordedSwitch {
  readonly name: string
  readonly #erl: ErlNode

  readonly #recording: string

  private constructor(erl: ErlNode, name: string, recording: string) {
    this.#erl = erl
    this.name = name
    this.#recording = recording
  }

  static async start(erl: ErlNode, client: string, encoding: string): Promise<RecordedSwitch> {
    await erl.load(readFileSync(path.join(__dirname, 'recorded_switch.erl'), 'utf8'))
    const name = `recorded_${encoding}`
    const recording = await erl.place(transcript)
    await erl.eval(`recorded_switch:start(${name}, "${recording}", ${encoding}, '${client}')`)
    return new RecordedSwitch(erl, name, recording)
  }

  async exchanges(): Promise<Map<string, Exchange>> {
    const terms = decode(await this.#erl.evalBytes(`recorded_switch:cases("${this.#recording}")`))
    const exchanges = (terms as Term[]).map((term): Exchange => {
      if (!isTuple(term, 3)) throw new TypeError(`no exchange: ${format(term)}`)
      return { name: String(term[0]), request: term[1], replies: term[2] as Term[] }
    })
    return new Map(exchanges.map((exchange) => [exchange.name, exchange]))
  }

  /** Makes it answer as in that exchange. `roles` are expressions: who stands for whom there. */
  async play(name: string, roles: Readonly<Record<string, string>> = {}): Promise<void> {
    const list = Object.entries(roles).map(([role, holder]) => `{${role}, ${holder}}`)
    await this.#erl.eval(`recorded_switch:play(${this.name}, {'${name}', [${list.join(', ')}]})`)
  }

  /** Resolves when all that was recorded has been said on both sides. */
  async done(): Promise<void> {
    await this.#erl.eval(`recorded_switch:done(${this.name})`)
  }

  /** What the client sent that was not recorded, and what it did not send; `[]` when all is well. */
  faults(): Promise<string> {
    return this.#erl.eval(`recorded_switch:faults(${this.name})`)
  }
}

/**
 * Makes processes of this node say who they are: they send `{self(), Message}`. Only a C node sees
 * the sender of a message to a name, as FreeSWITCH does.
 */
export function nameSenders(node: ErlangNode): ErlangNode {
  const spawn = node.spawn.bind(node) as (...args: unknown[]) => MailboxProcess
  const signing = (...args: unknown[]): MailboxProcess => {
    const process = spawn(...args)
    const send = process.send.bind(process)
    process.send = (to, message, options) => send(to, tuple(process.pid, message), options)
    return process
  }
  node.spawn = signing as ErlangNode['spawn']
  return node
}
