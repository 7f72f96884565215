import { checkText } from '../base/validate.js'
import { ErlangError, invalidArgument } from '../errors.js'
import { atomName } from '../node/atom-name.js'
import { resultOf, valueOrThrow } from '../node/calls.js'
import { type Destination, nodeNameOf, resolveDestination } from '../node/destination.js'
import type { SendOptions } from '../node/node-types.js'
import type { CallMessage } from '../node/observe/channels.js'
import { methodOf, traceCall, watchesCalls } from '../node/observe/serve.js'
import { ProcessNode } from '../node/process-node.js'
import { resolveWait } from '../node/wait.js'
import { Atom, atom } from '../term/atom.js'
import { Reference } from '../term/reference.js'
import type { Term, TermInput } from '../term/term.js'
import { tuple } from '../term/tuple.js'
import { type CallOptions, checkCallOptions, codingOf } from './call-options.js'
import { GenCall, genCall } from './gen-call.js'
import { ExposedTable } from './rpc/exposed.js'
import type { ServerCallbacks } from './server/callbacks.js'
import { type ServeOptions, Servers } from './server/serve.js'
import type { ServerProcess } from './server/server-process.js'

/** What one peer answered to a call at several. */
export type MulticallResult =
  | { readonly peer: string; readonly ok: true; readonly value: Term }
  | { readonly peer: string; readonly ok: false; readonly error: unknown }

const noOptions: CallOptions = {}

/** A node with OTP's behaviours: gen_servers of its own, and calls to those of others. */
export abstract class GenNode extends ProcessNode {
  protected readonly exposed = new ExposedTable()
  #servers: Servers | undefined

  /**
   * Starts a gen_server, under a name unless that is undefined. Its `init` runs at once; the messages
   * that come before an asynchronous one is done wait for it.
   *
   * Errors: TypeError for bad arguments, RangeError for a name that is taken, ERR_ERL_CLOSED, and what
   *         a synchronous `init` throws.
   */
  serve(
    name: string | Atom | undefined,
    callbacks: ServerCallbacks,
    options: ServeOptions = {},
  ): ServerProcess {
    this.checkOpen()
    this.#servers ??= this.#newServers()
    return this.#servers.serve(name, callbacks, options)
  }

  /**
   * Calls a gen_server or a gen_statem, as `gen_server:call` and `gen_statem:call`. The promise can be
   * kept and awaited later: it is what `gen_server:send_request` is for.
   *
   * Errors: ERR_ERL_NOPROC, ERR_ERL_NODEDOWN, ERR_ERL_NOCONNECTION, ERR_ERL_TIMEOUT; ERR_ERL_REMOTE
   *         with the reason when the server ends before it answers; those of `connect`.
   */
  async call(to: Destination, request: TermInput, options: CallOptions = noOptions): Promise<Term> {
    if (options !== noOptions) checkCallOptions('call', options)
    if (watchesCalls()) return this.#traced(to, request, genCall, request, options)
    const call = this.#request(genCall, to, request, options)
    await call.settled
    return valueOrThrow(call) as Term
  }

  /**
   * Calls the gen_servers of one name at several peers at once, as `gen_server:multi_call`; the
   * results come in the order of the peers.
   */
  callEach(
    peers: readonly (string | Atom)[],
    name: string | Atom,
    request: TermInput,
    options: CallOptions = {},
  ): Promise<MulticallResult[]> {
    checkText('name', Atom.is(name) ? name.name : name)
    return atEach(peers, (node) => this.call({ name, node }, request, options))
  }

  /**
   * Sends a request that is not answered to a gen_server or a gen_statem, as `gen_server:cast` and
   * `gen_statem:cast`. Errors: as `send`.
   */
  cast(to: Destination, request: TermInput, options?: SendOptions): Promise<void> {
    return this.send(to, tuple(atom('$gen_cast'), request), options)
  }

  /** Sends an event to the handlers of a gen_event, as `gen_event:notify`. Errors: as `send`. */
  notify(to: Destination, event: TermInput, options?: SendOptions): Promise<void> {
    return this.send(to, tuple(atom('notify'), event), options)
  }

  /**
   * Sends an event to the handlers of a gen_event and waits until all have dealt with it, as
   * `gen_event:sync_notify`. Errors: as `call`.
   */
  async syncNotify(to: Destination, event: TermInput, options: CallOptions = {}): Promise<void> {
    checkCallOptions('syncNotify', options)
    const request = tuple(atom('sync_notify'), event)
    await this.#traced(to, request, this.core.caller, request, options)
  }

  /**
   * Calls one handler of a gen_event, as `gen_event:call`; `handler` is its module, or
   * `{Module, Id}`. As there, the value is `{error, bad_module}` where there is no such handler, and
   * `{error, {'EXIT', Reason}}` where it failed. Errors: as `call`.
   */
  async callHandler(
    to: Destination,
    handler: TermInput,
    query: TermInput,
    options: CallOptions = {},
  ): Promise<Term> {
    checkCallOptions('callHandler', options)
    const module = typeof handler === 'string' ? atom(handler) : handler
    const request = tuple(atom('call'), module, query)
    return this.#traced(to, query, this.core.caller, request, options)
  }

  #newServers(): Servers {
    return new Servers(this.core, this.exposed, (error, server, message) => {
      this.handlerFailed(error, server, message, server.isObserved)
    })
  }

  /** A request that those who watch hear of, as `shown`. */
  #traced(
    to: Destination,
    shown: TermInput,
    label: TermInput,
    request: TermInput,
    options: CallOptions,
  ): Promise<Term> {
    const made = async () => (await resultOf(this.#request(label, to, request, options))) as Term
    if (!watchesCalls()) return made()
    const target = resolveDestination('to', to)
    const message: CallMessage = {
      kind: 'call',
      node: this.name,
      peer: target.node ?? this.name,
      service: atomName(target.to) ?? String(target.to),
      method: methodOf(shown, 'call'),
      args: [shown],
    }
    return traceCall(message, made)
  }

  #request(label: TermInput, to: Destination, request: TermInput, options: CallOptions): GenCall {
    const target = resolveDestination('to', to)
    if (Reference.is(target.to)) throw invalidArgument('to', 'a pid or a name', to)
    const name = target.node ?? this.name
    const { decode, encode } = codingOf(this.core, options)
    const call = new GenCall(this.core, name, { label, to: target.to, request, decode, encode })
    this.core.calls.start(call, resolveWait(options), this.core.route(name))
    return call
  }
}

/** Runs `work` for every peer at once. Errors: those that are no answer of a peer. */
export function atEach(
  peers: readonly (string | Atom)[],
  work: (peer: string) => Promise<Term>,
): Promise<MulticallResult[]> {
  if (!Array.isArray(peers)) throw invalidArgument('peers', 'an array', peers)
  return Promise.all(
    peers.map(nodeNameOf).map(async (peer): Promise<MulticallResult> => {
      try {
        return { peer, ok: true, value: await work(peer) }
      } catch (error) {
        if (!ErlangError.is(error) || error.code === 'ERR_ERL_ENCODE') throw error
        return { peer, ok: false, error }
      }
    }),
  )
}
