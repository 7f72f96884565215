import { ErlangError, invalidArgument } from '../errors.js'
import {
  checkEncodeOptions,
  type DecodeOptions,
  type DecodePreset,
  type EncodeOptions,
  resolveDecodeOptions,
} from '../native/options.js'
import { resultOf, type WaitOptions } from '../node/calls.js'
import { type Destination, nodeNameOf, resolveDestination } from '../node/destination.js'
import { LocalNode } from '../node/node.js'
import type { SendOptions } from '../node/node-types.js'
import { type NodeOptions, type ResolvedNodeOptions, resolveNodeOptions } from '../node/options.js'
import { type InboundFrame, type Route, unobserved } from '../node/route.js'
import { checkBoolean, checkNames, checkObject, checkText } from '../node/validate.js'
import { resolveWait, waitOptionNames } from '../node/wait.js'
import { Atom, atom } from '../term/atom.js'
import type { Pid } from '../term/pid.js'
import { Reference } from '../term/reference.js'
import { isAtom, type Term, type TermInput } from '../term/term.js'
import { tuple } from '../term/tuple.js'
import { type ExposedFunctions, ExposedTable, type ExposeOptions } from './exposed.js'
import { GenCall } from './gen-call.js'
import { startGroupLeader } from './group-leader.js'
import { startNetKernel } from './net-kernel.js'
import { Rex } from './rex.js'
import { RpcCall } from './rpc.js'
import { rpcCast } from './rpc-cast.js'
import { RpcServer } from './rpc-server.js'
import { safeFunctions } from './safe-functions.js'

/** Options of one call. */
export interface CallOptions extends WaitOptions {
  /** How the answer is decoded, in place of the node's choice. */
  readonly decode?: DecodeOptions | DecodePreset
  /** How the arguments are encoded, in place of the node's choice. */
  readonly encode?: EncodeOptions
}

export interface RpcOptions extends CallOptions {
  /**
   * Whether to kill the remote process when the call times out or is aborted. False by default: it
   * goes on, as in Erlang. Not possible at peers without spawn requests (OTP 22 and older, C nodes),
   * where it is a TypeError.
   */
  readonly kill?: boolean
}

/** What one peer answered to `multicall`. */
export type MulticallResult =
  | { readonly peer: string; readonly ok: true; readonly value: Term }
  | { readonly peer: string; readonly ok: false; readonly error: unknown }

const callOptionNames = [...waitOptionNames, 'decode', 'encode']
const rpcOptionNames = [...callOptionNames, 'kill']

/**
 * An Erlang node inside this process.
 *
 * ```ts
 * const node = await ErlangNode.start({ name: 'web@127.0.0.1', cookie: 'secret' })
 * await node.rpc('shop@127.0.0.1', 'orders', 'total', [42])
 * ```
 */
export class ErlangNode extends LocalNode {
  readonly #exposed = new ExposedTable()
  readonly #server: RpcServer
  readonly #groupLeader: Pid

  private constructor(options: ResolvedNodeOptions) {
    super(options)
    this.#server = new RpcServer(this.core, this.#exposed)
    this.#groupLeader = startGroupLeader(this.core)
    this.#exposed.expose('erlang', safeFunctions(this.core))
    Rex.start(this.core, this.#server)
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
    options: RpcOptions = {},
  ): Promise<Term> {
    checkNames('rpc', checkObject('options', options), rpcOptionNames)
    const name = nodeNameOf(peer)
    const call = new RpcCall(this.core, name, this.#groupLeader, {
      module: atomOf('module', module),
      function: atomOf('function', functionName),
      args: listOf('args', args),
      kill: options.kill === undefined ? false : checkBoolean('kill', options.kill),
      ...this.#coding(options),
    })
    this.core.calls.start(call, resolveWait(options), this.core.route(name))
    return (await resultOf(call)) as Term
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
    options: SendOptions = {},
  ): Promise<void> {
    checkNames('rpcCast', checkObject('options', options), ['encode'])
    if (options.encode !== undefined) checkEncodeOptions(options.encode)
    const request = {
      module: atomOf('module', module),
      function: atomOf('function', functionName),
      args: listOf('args', args),
      encode: options.encode ?? this.core.encode,
    }
    const name = nodeNameOf(peer)
    if (this.isStopped) return unobserved(Promise.reject(this.closedError()))
    return rpcCast(this.core, name, this.#groupLeader, request)
  }

  /** Calls a function at several peers at once; the results come in the order of the peers. */
  multicall(
    peers: readonly (string | Atom)[],
    module: string | Atom,
    functionName: string | Atom,
    args: readonly TermInput[] = [],
    options: RpcOptions = {},
  ): Promise<MulticallResult[]> {
    const names = listOf('peers', peers).map(nodeNameOf)
    return Promise.all(
      names.map(async (peer): Promise<MulticallResult> => {
        try {
          const value = await this.rpc(peer, module, functionName, args, options)
          return { peer, ok: true, value }
        } catch (error) {
          if (!ErlangError.is(error)) throw error
          return { peer, ok: false, error }
        }
      }),
    )
  }

  /**
   * Calls a gen_server, as `gen_server:call`.
   *
   * Errors: ERR_ERL_NOPROC, ERR_ERL_NODEDOWN, ERR_ERL_NOCONNECTION, ERR_ERL_TIMEOUT; ERR_ERL_REMOTE
   *         with the reason when the server ends before it answers; those of `connect`.
   */
  async call(to: Destination, request: TermInput, options: CallOptions = {}): Promise<Term> {
    checkNames('call', checkObject('options', options), callOptionNames)
    const target = resolveDestination('to', to)
    if (Reference.is(target.to)) throw invalidArgument('to', 'a pid or a name', to)
    const name = target.node ?? this.name
    const call = new GenCall(this.core, name, {
      to: target.to,
      request,
      ...this.#coding(options),
    })
    this.core.calls.start(call, resolveWait(options), this.core.route(name))
    return (await resultOf(call)) as Term
  }

  /** Sends a request that is not answered to a gen_server, as `gen_server:cast`. Errors: as `send`. */
  cast(to: Destination, request: TermInput, options?: SendOptions): Promise<void> {
    return this.send(to, tuple(atom('$gen_cast'), request), options)
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
   * Errors: TypeError for what is no function.
   */
  expose(module: string | Atom, functions: ExposedFunctions, options?: ExposeOptions): this {
    this.#exposed.expose(nameOf('module', module), functions, options)
    return this
  }

  /** Takes a whole module back. False when it was not exposed. */
  unexpose(module: string | Atom): boolean {
    return this.#exposed.unexpose(nameOf('module', module))
  }

  protected spawnRequested(frame: InboundFrame, route: Route): void {
    this.#server.spawnRequested(frame, route)
  }

  #coding({ decode, encode }: CallOptions) {
    if (encode !== undefined) checkEncodeOptions(encode)
    return {
      decode: decode === undefined ? this.core.decode : resolveDecodeOptions(decode),
      encode: encode ?? this.core.encode,
    }
  }
}

function nameOf(argument: string, value: unknown): string {
  return checkText(argument, Atom.is(value) ? value.name : value)
}

function atomOf(argument: string, value: unknown): Atom | boolean {
  return Atom.is(value) ? value : atom(checkText(argument, value))
}

function listOf<Element>(argument: string, value: readonly Element[]): readonly Element[] {
  if (!Array.isArray(value)) throw invalidArgument(argument, 'an array', value)
  return value
}
