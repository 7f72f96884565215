import {
  checkFunction,
  checkNames,
  checkObject,
  checkText,
  checkTimeout,
} from '../../base/validate.js'
import { ErlangError, outOfRange } from '../../errors.js'
import {
  atom,
  type ErlangNode,
  isPid,
  isTagged,
  isTuple,
  type Pid,
  type Process,
  type Term,
  type TermInput,
  tuple,
} from '../../index.js'
import { parseNodeName } from '../../node/node-name.js'
import { checkNode } from '../check-node.js'
import { checkMethod } from '../rpc/parameters.js'
import { scriptTerm, unreadable } from '../script-term.js'
import { type Method, MethodTable } from './methods.js'

/** Options of `KamailioStandIn`. */
export interface KamailioStandInOptions {
  /** The node that scripts speak to: `erlang_nodename`. */
  readonly erlangNode: string
  /** What `core.version` answers. */
  readonly version?: string
}

/** What an event route can do. */
export interface EventRoute {
  /** The sender; undefined in the route `self`. */
  readonly pid: Pid | undefined
  /** `erl_reply`: sent to the sender when the route ends; the last one holds. */
  reply(message: TermInput): void
  /** `erl_send`: sent when the route ends, in place of whatever was to be sent before. */
  send(to: Pid, message: TermInput): void
}

/** `event_route[erlang:name]`. */
export type EventHandler = (message: Term, route: EventRoute) => unknown

/** What came and was not understood. */
export interface StandInStats {
  /** Messages for event routes that are not there. */
  unrouted: number
  /** Messages to `rex` that were no request. */
  malformed: number
  /** Event routes that threw. */
  failed: number
}

const optionNames: readonly (keyof KamailioStandInOptions)[] = ['erlangNode', 'version']
/** The route for messages to the pid of the C node. */
const selfRoute = 'self'
const defaultTimeoutMs = 5_000

/**
 * A node that behaves like Kamailio's C node, to test Erlang code without Kamailio.
 *
 * ```ts
 * const kamailio = new KamailioStandIn(node, { erlangNode: 'shop@127.0.0.1' })
 * kamailio.on('greetings', (message, route) => route.reply(tuple(atom('hello'), 'Erlang')))
 * kamailio.method('dlg.list', () => [{ call_id: 'a' }])
 * await kamailio.erlRpc('probe', 'add', [40, 2])
 * ```
 *
 * The node serves nothing else meanwhile: its `rex` is Kamailio's.
 */
export class KamailioStandIn implements Disposable {
  readonly #node: ErlangNode
  readonly #erlangNode: string
  readonly #routes = new Map<string, EventHandler>()
  readonly #methods = new MethodTable((name) => (this.#routes.has(name) ? this.pid : undefined))
  readonly #process: Process
  readonly #rex: Process
  readonly #stats: StandInStats = { unrouted: 0, malformed: 0, failed: 0 }

  /** Errors: TypeError and RangeError for bad arguments. */
  constructor(node: ErlangNode, options: KamailioStandInOptions) {
    checkNode(node)
    checkNames('KamailioStandIn', checkObject('options', options), optionNames)
    const { erlangNode, version = 'kamailio (stand-in)' } = options
    this.#erlangNode = parseNodeName('erlangNode', erlangNode).full
    this.#node = node
    checkText('version', version)
    node.unregister('rex')
    this.#rex = node.register('rex', (message) => this.#asked(message))
    this.#process = node.registerFallback((message, { from, to }) =>
      this.#arrived(to ?? '', message, from),
    )
    this.method('core.version', () => version)
  }

  /** The pid of the C node: what is sent there gets to the event route `self`. */
  get pid(): Pid {
    return this.#process.pid
  }

  /** Counts since the start. */
  get stats(): Readonly<StandInStats> {
    return { ...this.#stats }
  }

  /** Handles the messages to a name, as `event_route[erlang:name]`. */
  on(name: string, handler: EventHandler): this {
    checkFunction('handler', handler)
    this.#routes.set(checkText('name', name), handler)
    return this
  }

  /** Takes an event route back. False when there was none. */
  off(name: string): boolean {
    return this.#routes.delete(name)
  }

  /** Puts a method into the table of RPC methods: `method('core.uptime', …)`. */
  method(name: string, method: Method): this {
    checkMethod(name)
    checkFunction('method', method)
    this.#methods.set(name, method)
    return this
  }

  /**
   * `erl_rpc`: calls a function of the Erlang node, in the form of C nodes. Text is sent as strings.
   *
   * Errors: RangeError without arguments, with which Kamailio cannot call; ERR_ERL_DECODE for an answer
   *         that it could not read; ERR_ERL_TIMEOUT, where Kamailio would wait for ever.
   */
  async erlRpc(
    module: string,
    name: string,
    args: readonly TermInput[],
    timeoutMs: number = defaultTimeoutMs,
  ): Promise<Term> {
    if (!Array.isArray(args) || args.length === 0) {
      throw outOfRange('args', 'an array with one element or more', args)
    }
    checkTimeout('timeoutMs', timeoutMs)
    const words = [atom(checkText('module', module)), atom(checkText('name', name))] as const
    const self = this.#node.spawn()
    try {
      const request = tuple(atom('call'), ...words, scriptTerm(args), atom('user'))
      await self.send(this.#at('rex'), tuple(self.pid, request))
      return valueOfRex(await self.receive({ timeoutMs }))
    } finally {
      self.exit()
    }
  }

  /** `erl_reg_send`: a message to a registered process of the Erlang node. Errors: as `send`. */
  erlRegSend(server: string, message: TermInput): Promise<void> {
    return this.#process.send(this.#at(checkText('server', server)), scriptTerm(message))
  }

  /** `erl_send`: a message to a pid. Errors: as `send`. */
  erlSend(to: Pid, message: TermInput): Promise<void> {
    return this.#process.send(to, scriptTerm(message))
  }

  /** Ends the event routes and the methods; the node's own `rex` does not come back. Safe twice. */
  close(): void {
    this.#rex.exit()
    this.#process.exit()
  }

  /** As `close`, at the end of a block with `using`. */
  [Symbol.dispose](): void {
    this.close()
  }

  #at(name: string) {
    return { name, node: this.#erlangNode }
  }

  /** Not awaited: several callers are answered side by side. */
  #asked(message: Term): void {
    const from = isTagged(message, '$gen_call', 3) ? message[1] : undefined
    if (!isTuple(from, 2) || !isPid(from[0]) || !isTagged(message, '$gen_call', 3)) {
      this.#stats.malformed += 1
      return
    }
    const [pid, tag] = [from[0], from[1]]
    void this.#methods
      .answer(message[2])
      .then((value) => this.#process.send(pid, tuple(tag, value)))
      // Nobody is there to take it.
      .catch(() => undefined)
  }

  async #arrived(name: string, message: Term, from: Pid | undefined): Promise<void> {
    // A message to the pid has no name, nor a sender that C nodes could know.
    const isToPid = name === ''
    const handler = this.#routes.get(isToPid ? selfRoute : name)
    if (handler === undefined) {
      this.#stats.unrouted += 1
      return
    }
    const route = new RouteReply(isToPid ? undefined : from)
    try {
      await handler(message, route)
    } catch (error) {
      this.#stats.failed += 1
      throw error
    }
    const { to, content } = route
    if (to !== undefined && content !== undefined) await this.#process.send(to, content)
  }
}

class RouteReply implements EventRoute {
  readonly pid: Pid | undefined
  to: Pid | undefined
  content: TermInput | undefined

  constructor(pid: Pid | undefined) {
    this.pid = pid
  }

  reply(message: TermInput): void {
    this.to = this.pid
    this.content = scriptTerm(message)
  }

  send(to: Pid, message: TermInput): void {
    this.to = to
    this.content = scriptTerm(message)
  }
}

function valueOfRex(answer: Term): Term {
  if (!isTagged(answer, 'rex', 2)) {
    throw new ErlangError('ERR_ERL_PROTOCOL', 'what came is not the answer of rex', {
      reason: answer,
    })
  }
  const problem = unreadable(answer[1], 'answer')
  if (problem === undefined) return answer[1]
  throw new ErlangError('ERR_ERL_DECODE', `Kamailio could not read it: ${problem}`, {
    reason: answer[1],
  })
}
