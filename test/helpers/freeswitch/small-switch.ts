import { ErlangNode } from 'beamlink'
import {
  EventHost,
  type EventHostOptions,
  type NewLogLine,
  type TextEncoding,
} from 'beamlink/freeswitch'
import { until } from '../waiting.js'
import { addCallCommands } from './call-commands.js'
import { Channel } from './channel.js'
import type { Action } from './dialplan.js'
import { EventQueue } from './event-queue.js'
import { heartbeat } from './heartbeat.js'
import { PendingWork } from './pending-work.js'
import { Session } from './session.js'
import { addSwitchCommands } from './switch-commands.js'
import { addXmlCommands } from './xml-commands.js'

export interface SmallSwitchOptions {
  readonly epmdPort: number
  readonly cookie: string
  readonly encoding: TextEncoding
  /** How long handlers may take to answer, in place of 5 seconds. */
  readonly timeoutMs?: number
  readonly hostOptions?: EventHostOptions
}

/** A switch as small as the recorded exchanges allow: a few API commands, calls that go nowhere. */
export class SmallSwitch {
  readonly node: ErlangNode
  readonly host: EventHost
  readonly work = new PendingWork()
  readonly events: EventQueue
  readonly sessions = new Map<string, Session>()

  private constructor(node: ErlangNode, host: EventHost) {
    this.node = node
    this.host = host
    this.events = new EventQueue(host, this.work)
    addSwitchCommands(this)
    addCallCommands(this)
    addXmlCommands(this)
  }

  static async start(options: SmallSwitchOptions): Promise<SmallSwitch> {
    const { epmdPort, cookie, encoding, timeoutMs = 5_000, hostOptions } = options
    const node = await ErlangNode.start({
      name: 'freeswitch@127.0.0.1',
      cookie,
      epmd: { host: '127.0.0.1', port: epmdPort },
    })
    const host = new EventHost(node, {
      ...hostOptions,
      encoding,
      hostname: 'fsbox',
      ipv4: '127.0.0.1',
      ipv6: '::1',
      attachTimeoutMs: timeoutMs,
      fetchTimeoutMs: timeoutMs,
    })
    return new SmallSwitch(node, host)
  }

  /** Makes a call, which goes its way when all that is done now is done. */
  call(channel: Channel, inline?: readonly Action[]): Session {
    const session = new Session(this, channel)
    this.sessions.set(channel.uuid, session)
    const life = new Promise((resolve) => setImmediate(resolve))
      .then(() => session.run(inline))
      .finally(() => this.sessions.delete(channel.uuid))
    this.work.add(life)
    return session
  }

  log(
    level: Exclude<NewLogLine['level'], undefined>,
    text: string,
    about: Partial<NewLogLine>,
  ): void {
    this.host.log({ ...about, level, text })
  }

  /** What happens in the switch by itself: a heartbeat, or a call to an extension. */
  async act(action: string, uuid?: string): Promise<void> {
    if (action === 'heartbeat') {
      heartbeat(this)
    } else {
      const channel = new Channel(uuid ?? crypto.randomUUID(), 'null/x')
      channel.transfer(action, 'default')
      this.call(channel)
    }
    await this.events.flushed()
  }

  /** Resolves when the connection to a peer is seen to be gone. */
  async disconnected(peer: string): Promise<void> {
    if (this.node.peers.includes(peer)) {
      await until(this.node, 'nodedown', (name: string) => name === peer)
    }
  }

  async stop(): Promise<void> {
    this.host.close()
    await this.node.stop()
  }
}
