import { EventEmitter } from 'node:events'
import {
  checkFunction,
  checkInteger,
  checkNames,
  checkObject,
  checkSignal,
  checkText,
  checkTimeout,
} from '../base/validate.js'
import { ErlangError, invalidArgument, outOfRange } from '../errors.js'
import {
  atom,
  type ErlangNode,
  isAtom,
  isPid,
  type Pid,
  type Process,
  type Term,
  type TermInput,
  tuple,
} from '../index.js'
import { parseNodeName } from '../node/node-name.js'
import { CNode, type CNodeListener, type KamailioStats } from './c-node/c-node.js'
import type { ExchangeWait } from './c-node/exchange.js'
import { checkNode } from './check-node.js'
import {
  addRouter,
  Router,
  type RouterListener,
  removeRouter,
  type SipHandler,
} from './router/router.js'
import type { SipRequest } from './router/sip-request.js'
import { checkMethod, type KamailioParameter, parameterTerms } from './rpc/parameters.js'
import { type KamailioValue, valuesOf } from './rpc/values.js'
import { resolveSafeOptions, type SafeOptions, safeTerm, undefinedAtom } from './safe.js'

/** Options of `Kamailio`. */
export interface KamailioOptions {
  /**
   * A call of a script is answered after so many milliseconds at the latest, 400 by default: its SIP
   * worker waits without a limit of its own, and a caller sends its request again after 500.
   */
  readonly answerWithinMs?: number
  /** How answers are made readable for Kamailio. By default what is empty becomes `undefined`. */
  readonly safe?: SafeOptions
}

/** How long to wait. */
export interface KamailioCallOptions {
  /** Milliseconds, 5,000 by default; `Infinity` waits for ever. */
  readonly timeoutMs?: number
  /** Aborting it rejects with `signal.reason`. */
  readonly signal?: AbortSignal
}

export interface KamailioSendOptions extends KamailioCallOptions {
  /** The sender, to which an `erl_reply` goes; one of its own by default. */
  readonly from?: Process
}

/** What `kamailio.events` tells; none of it needs a listener. */
export interface KamailioEvents {
  /** A Kamailio node is connected. */
  up: [peer: string]
  down: [peer: string, reason: string]
  /** A script asked in a shape that is none; it was told so. */
  malformed: [{ readonly peer: string; readonly what: string; readonly args: readonly Term[] }]
  /** A handler threw: the script goes its default way. */
  handlerError: [{ readonly error: unknown; readonly request: SipRequest }]
  /** The value of a function had no form that Kamailio can read; the script got `{badrpc, Text}`. */
  unreadable: [{ readonly peer: string; readonly error: unknown }]
  /** A function took longer than `answerWithinMs`; the script got `{badrpc, "timeout"}`. */
  timedOut: [peer: string]
  /** A call of a script and a request of ours met on their way: the call failed in the script. */
  collision: [peer: string]
}

const optionNames: readonly (keyof KamailioOptions)[] = ['answerWithinMs', 'safe']
const callOptionNames: readonly (keyof KamailioCallOptions)[] = ['timeoutMs', 'signal']
const defaultAnswerWithinMs = 400
const longestAnswerMs = 60_000

/**
 * A Kamailio with its module `erlang`, on both ways: its scripts ask this node, and this node calls
 * its methods.
 *
 * ```ts
 * const kamailio = new Kamailio(node, 'proxy@127.0.0.1')
 * kamailio.on('invite', async (request, reply) => reply.relay(await targetOf(request.ruri)))
 * await kamailio.rpc('core.version')
 * ```
 *
 * From then on whatever functions of the node that Kamailio calls answer in terms that it can read,
 * and within `answerWithinMs`. Send to it through this object only: a message in the wrong moment
 * breaks a call of a script.
 */
export class Kamailio implements Disposable {
  readonly events = new EventEmitter<KamailioEvents>()
  readonly #node: ErlangNode
  readonly #cNodes: readonly CNode[]
  readonly #router: Router
  readonly #stats: KamailioStats = {
    calls: 0,
    timedOut: 0,
    late: 0,
    unreadable: 0,
    collisions: 0,
    abandoned: 0,
    malformed: 0,
    failed: 0,
    strayAnswers: 0,
  }
  #isClosed = false
  /** Which of several C nodes is asked next. */
  #turn = 0

  /**
   * `peers`: the name of its C node; the names of all when it has several (`no_cnodes`).
   *
   * Errors: TypeError and RangeError for bad arguments, and for a peer that has one already.
   */
  constructor(node: ErlangNode, peers: string | readonly string[], options: KamailioOptions = {}) {
    checkNames('Kamailio', checkObject('options', options), optionNames)
    const { answerWithinMs = defaultAnswerWithinMs, safe = {} } = options
    const cNodeOptions = {
      answerWithinMs: checkInteger('answerWithinMs', answerWithinMs, 1, longestAnswerMs),
      safe: resolveSafeOptions({ emptyAs: undefinedAtom, ...safe }),
    }
    const names = checkPeers(peers)
    this.#node = checkNode(node)
    this.#router = new Router(this.#routerListener())
    addRouter(node, names, this.#router)
    const listener = this.#cNodeListener()
    this.#cNodes = names.map((name) => new CNode(node, name, cNodeOptions, listener))
    node.on('nodeup', this.#up)
    node.on('nodedown', this.#down)
  }

  /** Asks what its scripts should do: `'invite'`, any other name of theirs, `'*'` for the rest. */
  on(event: string, handler: SipHandler): this {
    checkFunction('handler', handler)
    this.#router.set(checkText('event', event), handler)
    return this
  }

  /** Takes a handler back. False when there was none. */
  off(event: string): boolean {
    return this.#router.delete(event)
  }

  /** Counts since the start of what scripts asked and what was asked of Kamailio. */
  get stats(): Readonly<KamailioStats> {
    return { ...this.#stats }
  }

  /**
   * Calls a method: `rpc('core.version')`. Gives the one value of its reply, undefined when it has
   * none, an array when it has several; where one or several may come, `rpcAll` gives an array always.
   *
   * Errors: TypeError and RangeError for parameters that Kamailio cannot take; `KamailioFault`;
   *         ERR_ERL_REMOTE for an unknown method; ERR_ERL_TIMEOUT; ERR_ERL_NOCONNECTION and those of
   *         connecting.
   */
  async rpc(
    method: string,
    parameters: readonly KamailioParameter[] = [],
    options: KamailioCallOptions = {},
  ): Promise<KamailioValue | undefined> {
    const values = await this.rpcAll(method, parameters, options)
    return values.length > 1 ? values : values[0]
  }

  /** As `rpc`, and gives all values of the reply. */
  async rpcAll(
    method: string,
    parameters: readonly KamailioParameter[] = [],
    options: KamailioCallOptions = {},
  ): Promise<KamailioValue[]> {
    const [module, name] = checkMethod(method)
    const request = callTerm(module, name, parameterTerms(parameters))
    const answer = await this.#next().request(request, resolveCallOptions(options))
    return valuesOf(method, answer)
  }

  /**
   * The pid under which `event_route[erlang:name]` gets messages; undefined when there is none.
   * Errors: as `rpc`.
   */
  async whereis(name: string, options: KamailioCallOptions = {}): Promise<Pid | undefined> {
    const request = callTerm('erlang', 'whereis', [atom(checkText('name', name))])
    const answer = await this.#next().request(request, resolveCallOptions(options))
    if (isPid(answer)) return answer
    if (isAtom(answer, 'undefined')) return undefined
    valuesOf('erlang.whereis', answer)
    throw new ErlangError('ERR_ERL_PROTOCOL', 'erlang.whereis answered with no pid')
  }

  /**
   * Sends a message to an event route, `event_route[erlang:name]`, or to a pid, where
   * `event_route[erlang:self]` gets it. Waits while a script waits for an answer.
   *
   * Errors: TypeError and RangeError for a message that Kamailio cannot read; as `ErlangNode.send`.
   */
  async send(
    to: string | Pid,
    message: TermInput,
    { from, ...options }: KamailioSendOptions = {},
  ): Promise<void> {
    const wait = resolveCallOptions(options)
    const cNode = this.#cNodeOf(to)
    const safe = safeTerm(message, cNode.safe, 'message')
    const sender = from ?? this.#node.spawn()
    try {
      await cNode.send(sender, destination(cNode, to), safe, wait)
    } finally {
      if (from === undefined) sender.exit()
    }
  }

  /** Sends a message to an event route and waits for what that gives `erl_reply`. Errors: as `rpc`. */
  async ask(name: string, message: TermInput, options: KamailioCallOptions = {}): Promise<Term> {
    const wait = resolveCallOptions(options)
    const dueAt = performance.now() + wait.timeoutMs
    const cNode = this.#cNodeOf(checkText('name', name))
    const safe = safeTerm(message, cNode.safe, 'message')
    const self = this.#node.spawn()
    try {
      await cNode.send(self, destination(cNode, name), safe, wait)
      const { gone } = cNode
      const signal = wait.signal === undefined ? gone : AbortSignal.any([wait.signal, gone])
      const timeoutMs = Math.max(0, dueAt - performance.now())
      return await self.receive({ timeoutMs, signal })
    } finally {
      self.exit()
    }
  }

  /** Leaves Kamailio to itself: its scripts get no answers from handlers any more. Safe twice. */
  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#node.off('nodeup', this.#up)
    this.#node.off('nodedown', this.#down)
    for (const cNode of this.#cNodes) {
      cNode.close()
      removeRouter(this.#node, cNode.name)
    }
  }

  /** As `close`, at the end of a block with `using`. */
  [Symbol.dispose](): void {
    this.close()
  }

  #next(): CNode {
    if (this.#isClosed) throw new ErlangError('ERR_ERL_CLOSED', 'this Kamailio has been closed')
    this.#turn += 1
    const [first] = this.#cNodes
    const chosen = this.#cNodes[this.#turn % this.#cNodes.length] ?? first
    if (chosen === undefined) throw new ErlangError('ERR_ERL_CLOSED', 'there is no C node')
    return chosen
  }

  #cNodeOf(to: string | Pid): CNode {
    if (!isPid(to)) {
      checkText('to', to)
      return this.#next()
    }
    const found = this.#cNodes.find(({ name }) => name === to.node.name)
    if (found === undefined) throw invalidArgument('to', 'a pid of this Kamailio', to)
    return found
  }

  readonly #up = (peer: string): void => {
    if (this.#cNodes.some(({ name }) => name === peer)) this.#tell('up', peer)
  }

  readonly #down = (peer: string, reason: string): void => {
    const found = this.#cNodes.find(({ name }) => name === peer)
    if (found === undefined) return
    found.lost(reason)
    this.#tell('down', peer, reason)
  }

  /** What a listener throws must not unwind what tells it. */
  #tell<Name extends keyof KamailioEvents>(name: Name, ...values: KamailioEvents[Name]): void {
    try {
      ;(this.events as EventEmitter).emit(name, ...values)
    } catch (error) {
      process.nextTick(() => {
        throw error
      })
    }
  }

  #cNodeListener(): CNodeListener {
    return {
      stats: this.#stats,
      unreadable: (peer, error) => this.#tell('unreadable', { peer, error }),
      timedOut: (peer) => this.#tell('timedOut', peer),
      collided: (peer) => this.#tell('collision', peer),
    }
  }

  #routerListener(): RouterListener {
    return {
      malformed: (peer, what, args) => {
        this.#stats.malformed += 1
        this.#tell('malformed', { peer, what, args })
      },
      handlerFailed: (error, request) => {
        this.#stats.failed += 1
        this.#tell('handlerError', { error, request })
      },
    }
  }
}

/** `{call, Module, Function, Args, User}`; a module is given as text, since names come from outside. */
function callTerm(module: string, name: string, args: readonly TermInput[]): TermInput {
  return tuple(atom('call'), module, name, args, atom('user'))
}

function destination(cNode: CNode, to: string | Pid) {
  return isPid(to) ? to : { name: to, node: cNode.name }
}

function checkPeers(peers: unknown): readonly string[] {
  const names = typeof peers === 'string' ? [peers] : peers
  if (!Array.isArray(names) || names.length === 0) {
    throw invalidArgument('peers', 'a node name or an array of such', peers)
  }
  const full = names.map((name) => parseNodeName('peers', name).full)
  if (new Set(full).size === full.length) return full
  throw outOfRange('peers', 'different nodes', full.join(', '))
}

function resolveCallOptions(options: KamailioCallOptions): ExchangeWait {
  checkNames('rpc', checkObject('options', options), callOptionNames)
  const { timeoutMs = 5_000, signal } = options
  return {
    timeoutMs: checkTimeout('timeoutMs', timeoutMs),
    signal: signal === undefined ? undefined : checkSignal(signal),
  }
}
