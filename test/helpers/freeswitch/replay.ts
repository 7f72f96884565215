import { readFileSync } from 'node:fs'
import path from 'node:path'
import { decode, format, type Term } from 'beamlink'
import { Epmd } from '../epmd.js'
import { ErlNode } from '../erl-node.js'
import { differenceOf } from './differences.js'
import { paceMs, setups } from './replay-setup.js'
import { SmallSwitch, type SmallSwitchOptions } from './small-switch.js'

const recording = path.join(__dirname, '../../fixtures/freeswitch/transcript-string.term')

/** The names of the recorded cases, in order. */
export function recordedCases(): string[] {
  const text = readFileSync(recording, 'utf8')
  return [...text.matchAll(/^\{('(?:[^'\\]|\\.)*'|[a-z]\w*)/gm)].map(([, name = '']) => name)
}

/** `[Receiver, Term]` for each reply, in order. */
export interface Replies {
  readonly replies: Term
  /** Its events were cut down to a few headers. */
  readonly isTrimmed: boolean
}

/**
 * The recorded exchanges, done again against a small switch from a real Erlang node. The nodes have
 * the recorded names, on an epmd of their own.
 */
export class Replay {
  readonly #epmd: Epmd
  readonly #erl: ErlNode
  readonly #switch: SmallSwitch
  #second: ErlNode | undefined

  private constructor(epmd: Epmd, erl: ErlNode, small: SmallSwitch) {
    this.#epmd = epmd
    this.#erl = erl
    this.#switch = small
  }

  static async start(options: Omit<SmallSwitchOptions, 'epmdPort' | 'cookie'>): Promise<Replay> {
    const epmd = await Epmd.start()
    const erl = await ErlNode.start({ name: 'drv@127.0.0.1', epmdPort: epmd.port })
    await loadDriver(erl)
    const small = await SmallSwitch.start({
      ...options,
      epmdPort: epmd.port,
      cookie: erl.cookie,
      timeoutMs: paceMs,
    })
    const place = await erl.place(recording)
    await erl.eval(`replay_driver:start('freeswitch@127.0.0.1', "${place}", ${paceMs})`)
    return new Replay(epmd, erl, small)
  }

  /** Starts the second node of `two_nodes_`. */
  async startSecondNode(): Promise<void> {
    this.#second = await ErlNode.start({ name: 'drv2@127.0.0.1', epmdPort: this.#epmd.port })
    await loadDriver(this.#second)
    await this.#erl.eval(`pong = net_adm:ping('drv2@127.0.0.1')`)
    await this.#erl.eval(`persistent_term:put(second_node, 'drv2@127.0.0.1')`)
  }

  /** What is expected of a case: as recorded, or what the list of differences says. */
  async expected(name: string): Promise<{ recorded: Replies; other: Term | undefined }> {
    const [replies, notes] = (await this.#value(`replay_driver:recorded(${name})`)) as Term[]
    const other = differenceOf(name)?.replies
    const spelledOut = setups[name]?.replies
    if (spelledOut !== undefined) {
      const value = await this.#value(`replay_driver:expected(${spelledOut})`)
      return { recorded: { replies: value, isTrimmed: true }, other: undefined }
    }
    return {
      recorded: {
        replies: replies as Term,
        isTrimmed: setups[name]?.isTrimmed ?? format(notes as Term).includes('trimmed'),
      },
      other:
        other === undefined ? undefined : await this.#value(`replay_driver:expected(${other})`),
    }
  }

  /** Does what the recording did. */
  async run(name: string): Promise<{ replies: Term; tookMs: number }> {
    const setup = setups[name] ?? {}
    const replies = differenceOf(name)?.replies ?? setup.replies
    const options = [
      ...(setup.before ? [`before => [${setup.before}]`] : []),
      ...(setup.script ? [`script => [${setup.script}]`] : []),
      ...(setup.deadlineMs ? [`deadline => ${setup.deadlineMs}`] : []),
      ...(setup.endsConnection ? ['quiet => false'] : []),
      ...(replies === undefined ? [] : [`replies => ${replies}`]),
    ]
    const running = this.#value(`replay_driver:run(${name}, #{${options.join(', ')}})`)
    for (const [, extension, uuid, name = ''] of (setup.script ?? '').matchAll(
      /\{switch, (?:\{(\w+), "([^"]+)"\}|(\w+))\}/g,
    )) {
      await this.#erl.observed.next(`the driver to ask for ${extension ?? name}`)
      if (setup.before === 'disconnect_node') await this.#switch.disconnected(this.#erl.name)
      await this.#switch.act(extension ?? name, uuid)
    }
    const [actual, tookMs] = (await running) as Term[]
    return { replies: actual as Term, tookMs: tookMs as number }
  }

  async stop(): Promise<void> {
    await this.#switch.stop()
    await this.#second?.stop()
    await this.#erl.stop()
    await this.#epmd.stop()
  }

  async #value(expression: string): Promise<Term> {
    return decode(await this.#erl.evalBytes(expression))
  }
}

async function loadDriver(erl: ErlNode): Promise<void> {
  for (const module of ['replay_steps', 'replay_driver', 'fsdrv', 'fserl', 'freeswitch']) {
    await erl.load(readFileSync(path.join(__dirname, `${module}.erl`), 'utf8'))
  }
}
