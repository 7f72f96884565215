import {
  checkBoolean,
  checkFunction,
  checkNames,
  checkObject,
  checkText,
} from '../base/validate.js'
import { ErlangError, invalidArgument } from '../errors.js'
import { resultOf, valueOrThrow, type Wait, type WaitOptions } from '../node/calls.js'
import { nodeNameOf } from '../node/destination.js'
import { nameAtom } from '../node/name-atoms.js'
import type { SendOptions } from '../node/node-types.js'
import type { CallMessage } from '../node/observe/channels.js'
import { traceCall, watchesCalls } from '../node/observe/serve.js'
import { type NodeOptions, type ResolvedNodeOptions, resolveNodeOptions } from '../node/options.js'
import { type InboundFrame, type Route, unobserved } from '../node/route.js'
import { encodingOf } from '../node/send-options.js'
import { resolveWait, waitOptionNames } from '../node/wait.js'
import { Atom, atom } from '../term/atom.js'
import type { Pid } from '../term/pid.js'
import type { Reference } from '../term/reference.js'
import { isAtom, type Term, type TermInput } from '../term/term.js'
import { tuple } from '../term/tuple.js'
import { type CallOptions, callOptionNames, codingOf } from './call-options.js'
import { atEach, GenNode, type MulticallResult } from './gen-node.js'
import { GroupLeaders } from './group-leader.js'
import type { OutputListener } from './io/server.js'
import { startNetKernel } from './net-kernel.js'
import type { ExposedFunctions, ExposeOptions } from './rpc/exposed.js'
import { OwnRexes } from './rpc/own-rex.js'
import { Rex, type RexGate } from './rpc/rex.js'
import { RpcCall, type RpcRequest } from './rpc/rpc.js'
import { rpcCast } from './rpc/rpc-cast.js'
import { RpcServer } from './rpc/rpc-server.js'
import { safeFunctions } from './rpc/safe-functions.js'
import { resolveSpawnOptions, type SpawnAtOptions, SpawnCall } from './rpc/spawn-call.js'

export interface RpcOptions extends CallOptions {
  /**
   * Whether to kill the remote process when the call times out or is aborted. False by default: it
   * goes on, as in Erlang. Not possible at peers without spawn requests (OTP 22 and older, C nodes),
   * where it is a TypeError.
   */
  readonly kill?: boolean
  /**
   * Gets what the function prints, as text, while the call lasts; the function waits for it. What it
   * throws the call rejects with. Without it output appears on the peer's console.
   */
  readonly onOutput?: OutputListener
}

const noOptions: RpcOptions = {}
const rpcOptionNames = [...callOptionNames, 'kill', 'onOutput']

/**
 * An Erlang node inside this process.
 *
 * ```ts
 * const node = await ErlangNode.start({ name: 'web@127.0.0.1', cookie: 'secret' })
 * await node.rpc('shop@127.0.0.1', 'orders', 'total', [42])
 * ```
 */
export class ErlangNode extends GenNode {
  readonly #server: RpcServer
  readonly #groupLeaders: GroupLeaders
  readonly #rexes: OwnRexes
  readonly #rex: Rex

  private constructor(options: ResolvedNodeOptions) {
    checkResolved(options)
    super(options)
    this.#server = new RpcServer(
      this.core,
      this.exposed,
      // A peer that calls something the wrong way must not bring this process down.
      (error, process) => this.handlerFailed(error, process, undefined, true),
      options.maxSpawned,
    )
    this.#groupLeaders = new GroupLeaders(this.core)
    const { calls } = this.core
    this.#rexes = new OwnRexes(this.core, this.#groupLeaders.console, (server, failure) =>
      calls.lost((call) => call instanceof RpcCall && call.isRunBy(server), failure),
    )
    this.exposed.expose('erlang', safeFunctions(this.core))
    this.#rex = Rex.start(this.core, this.#server)
    startNetKernel(this.core)
  }

  /**
   * Starts a node: it listens and is known to epmd when the promise resolves.
   *
   * Errors: TypeError and RangeError name the option, the rule and the value; ERR_ERL_AUTH for a
   *         cookie file that cannot be used, ERR_ERL_NAME_IN_USE, ERR_ERL_UNKNOWN_HOST,
   *         ERR_ERL_NO_EPMD.
   */
  static async start(options: NodeOptions): Promise<ErlangNode> {
    const node = new ErlangNode(resolveNodeOptions(options))
    await node.open()
    return node
  }

  /**
   * Calls `module:function(args)` at a peer and waits for its value.
   *
   * Units:  `timeoutMs` in milliseconds, 5,000 by default; `Infinity` waits for ever.
   * Errors: ERR_ERL_REMOTE: `remoteClass`, `reason` and `remoteStack` say what the function raised;
   *         ERR_ERL_TIMEOUT; ERR_ERL_NOCONNECTION when the peer dies meanwhile; those of `connect`;
   *         ERR_ERL_ENCODE for an argument without Erlang form.
   */
  async rpc(
    peer: string | Atom,
    module: string | Atom,
    functionName: string | Atom,
    args: readonly TermInput[] = [],
    options: RpcOptions = noOptions,
  ): Promise<Term> {
    if (watchesCalls()) {
      const made = async () =>
        (await resultOf(this.#startRpc(peer, module, functionName, args, options))) as Term
      return traceCall(this.#callMessage('rpc', peer, module, functionName, args), made)
    }
    // Short, so that little has to be kept while it waits.
    const call = this.#startRpc(peer, module, functionName, args, options)
    await call.settled
    return valueOrThrow(call) as Term
  }

  #callMessage(
    kind: 'rpc' | 'spawn',
    peer: string | Atom,
    module: string | Atom,
    functionName: string | Atom,
    args: readonly TermInput[],
  ): CallMessage {
    return {
      kind,
      node: this.name,
      peer: nodeNameOf(peer),
      service: nameOf('module', module),
      method: nameOf('function', functionName),
      args,
    }
  }

  #startRpc(
    peer: string | Atom,
    module: string | Atom,
    functionName: string | Atom,
    args: readonly TermInput[],
    options: RpcOptions,
  ): RpcCall {
    if (options !== noOptions) {
      checkNames('rpc', checkObject('options', options), rpcOptionNames)
    }
    const name = nodeNameOf(peer)
    const { decode, encode } = codingOf(this.core, options)
    const request = {
      module: atomOf('module', module),
      function: atomOf('function', functionName),
      args: listOf('args', args),
      decode,
      encode,
      kill: options.kill === undefined ? false : checkBoolean('kill', options.kill),
    }
    const wait = resolveWait(options)
    if (options.onOutput !== undefined) {
      checkFunction('onOutput', options.onOutput)
      return this.#startHeardRpc(name, request, wait, options.onOutput)
    }
    const call = new RpcCall(this.core, name, this.#groupLeaders.console, request, this.#rexes)
    this.core.calls.start(call, wait, this.core.route(name))
    return call
  }

  #startHeardRpc(peer: string, request: RpcRequest, wait: Wait, listener: OutputListener): RpcCall {
    const leader = this.#groupLeaders.open(listener, (error) => call.thrown(error))
    const heard = { ...request, isHeard: true }
    const call = new RpcCall(this.core, peer, leader.pid, heard, this.#rexes)
    void call.settled.then(() => this.#groupLeaders.retire(leader))
    this.core.calls.start(call, wait, this.core.route(peer))
    return call
  }

  /**
   * Runs `module:function(args)` at a peer and does not wait for it.
   *
   * Errors: as `send`: thrown for bad arguments, by the promise when no connection is to be had.
   */
  rpcCast(
    peer: string | Atom,
    module: string | Atom,
    functionName: string | Atom,
    args: readonly TermInput[] = [],
    options?: SendOptions,
  ): Promise<void> {
    const encode = encodingOf('rpcCast', options)
    const request = {
      module: atomOf('module', module),
      function: atomOf('function', functionName),
      args: listOf('args', args),
      encode: encode ?? this.core.encode,
    }
    const name = nodeNameOf(peer)
    if (this.isStopped) return unobserved(Promise.reject(this.closedError()))
    return rpcCast(this.core, name, this.#groupLeaders.console, request)
  }

  /**
   * Spawns a process that runs `module:function(args)` at a peer, as `spawn/4`; resolves with its pid
   * when it is there. With `link` or `monitor` it is linked with `parent`, or monitored by it, from
   * its beginning. Output goes to the peer's console, or to `groupLeader`.
   *
   * A function that does not exist is no error here: its process ends with `undef`.
   *
   * Errors: ERR_ERL_REMOTE with the `reason` why nothing was spawned, which is `notsup` at OTP 22 and
   *         older and at C nodes; ERR_ERL_TIMEOUT, ERR_ERL_NOCONNECTION and those of `connect`.
   */
  spawnAt(
    peer: string | Atom,
    module: string | Atom,
    functionName: string | Atom,
    args: readonly TermInput[],
    options: SpawnAtOptions & { readonly monitor: true },
  ): Promise<readonly [Pid, Reference]>
  spawnAt(
    peer: string | Atom,
    module: string | Atom,
    functionName: string | Atom,
    args?: readonly TermInput[],
    options?: SpawnAtOptions & { readonly monitor?: false },
  ): Promise<Pid>
  spawnAt(
    peer: string | Atom,
    module: string | Atom,
    functionName: string | Atom,
    args: readonly TermInput[],
    options: SpawnAtOptions,
  ): Promise<Pid | readonly [Pid, Reference]>
  async spawnAt(
    peer: string | Atom,
    module: string | Atom,
    functionName: string | Atom,
    args: readonly TermInput[] = [],
    options: SpawnAtOptions = {},
  ): Promise<Pid | readonly [Pid, Reference]> {
    const resolved = resolveSpawnOptions(this.core, this.#groupLeaders.console, options)
    const name = nodeNameOf(peer)
    const call = new SpawnCall(this.core, name, {
      module: atomOf('module', module),
      function: atomOf('function', functionName),
      args: listOf('args', args),
      ...resolved,
    })
    const made = async () => {
      this.core.calls.start(call, resolveWait(options), this.core.route(name))
      return (await resultOf(call)) as Pid
    }
    const pid = watchesCalls()
      ? await traceCall(this.#callMessage('spawn', peer, module, functionName, args), made)
      : await made()
    return resolved.monitors ? [pid, call.reference] : pid
  }

  /** Calls a function at several peers at once; the results come in the order of the peers. */
  multicall(
    peers: readonly (string | Atom)[],
    module: string | Atom,
    functionName: string | Atom,
    args: readonly TermInput[] = [],
    options: RpcOptions = {},
  ): Promise<MulticallResult[]> {
    return atEach(peers, (peer) => this.rpc(peer, module, functionName, args, options))
  }

  /**
   * True when the peer answers, as `pong` of `net_adm:ping`; connects if need be.
   *
   * Errors: none of `ErlangError`: they are what makes it false. `signal.reason` when aborted.
   */
  async ping(peer: string | Atom, options: WaitOptions = {}): Promise<boolean> {
    checkNames('ping', checkObject('options', options), waitOptionNames)
    const node = nodeNameOf(peer)
    const request = tuple(atom('is_auth'), this.core.identity.node)
    try {
      return isAtom(await this.call({ name: 'net_kernel', node }, request, options), 'yes')
    } catch (error) {
      if (ErlangError.is(error) && error !== options.signal?.reason) return false
      throw error
    }
  }

  /**
   * Lets Erlang call JavaScript functions: `rpc:call(Node, Module, Function, Args)`. Nothing else can
   * be called, save `erlang:node/0`, `is_process_alive/1`, `whereis/1` and `registered/0`. The module
   * `'*'` stands for every module that has no function of that name itself.
   *
   * A function may return a promise. What it returns is the value, `undefined` being `ok`; what it
   * throws is an error with the reason `{js_error, Name, Message}`, or with the `reason` of an
   * `ErlangError`, in the class of its `remoteClass`. `callContext()` tells who called.
   *
   * Errors: TypeError for what is no function, and for an array of them.
   */
  expose(module: string | Atom, functions: ExposedFunctions, options?: ExposeOptions): this {
    this.exposed.expose(nameOf('module', module), functions, options)
    return this
  }

  /** Takes a whole module back. False when it was not exposed. */
  unexpose(module: string | Atom): boolean {
    return this.exposed.unexpose(nameOf('module', module))
  }

  /** @internal See `RexGate`. */
  setRexGate(peer: string, gate: RexGate | undefined): void {
    this.#rex.setGate(peer, gate)
  }

  protected spawnRequested(frame: InboundFrame, route: Route): void {
    this.#server.spawnRequested(frame, route)
  }
}

function nameOf(argument: string, value: unknown): string {
  return checkText(argument, Atom.is(value) ? value.name : value)
}

function atomOf(argument: string, value: unknown): Atom | boolean {
  return Atom.is(value) ? value : nameAtom(checkText(argument, value))
}

function listOf<Element>(argument: string, value: readonly Element[]): readonly Element[] {
  if (!Array.isArray(value)) throw invalidArgument(argument, 'an array', value)
  return value
}

/** JavaScript knows no private constructors. */
function checkResolved(options: ResolvedNodeOptions | undefined): void {
  if (typeof options?.name === 'object') return
  throw new TypeError('a node is made by ErlangNode.start(options), which gives a promise of it')
}
