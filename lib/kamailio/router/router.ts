import { callContext, type ErlangNode, type Term, type TermInput } from '../../index.js'
import { isThenable } from '../../node/process/handler-process.js'
import { errorTerm, SipReply } from './sip-reply.js'
import { Malformed, type Question, readQuestion, type SipRequest } from './sip-request.js'

/** Decides about a request. What it does not decide, the script does. */
export type SipHandler = (request: SipRequest, reply: SipReply) => unknown

/** What a router tells of. */
export interface RouterListener {
  /** A question had the wrong shape: `what` says which. It was answered so. */
  malformed(peer: string, what: string, args: readonly Term[]): void
  /** A handler threw; the script goes its default way. */
  handlerFailed(error: unknown, request: SipRequest): void
}

/** Stands for every event that has no handler of its own. */
const anyEvent = '*'

/** The handlers of a service, by event. */
export class Router {
  readonly #handlers = new Map<string, SipHandler>()
  readonly #listener: RouterListener

  constructor(listener: RouterListener) {
    this.#listener = listener
  }

  set(event: string, handler: SipHandler): void {
    this.#handlers.set(event, handler)
  }

  delete(event: string): boolean {
    return this.#handlers.delete(event)
  }

  /** The answer to `beamlink:route(…)`; never throws, since a script waits for it. */
  answer(args: readonly Term[], peer: string): TermInput | Promise<TermInput> {
    const question = readQuestion(args, peer)
    if (question instanceof Malformed) {
      this.#listener.malformed(peer, question.what, args)
      return errorTerm(question.id, question.what)
    }
    const { event } = question.request
    const handler = this.#handlers.get(event) ?? this.#handlers.get(anyEvent)
    return handler === undefined
      ? new SipReply(question.request.method).toTerm(question.id)
      : this.#decide(handler, question)
  }

  /** At once where the handler is: the sooner a script has its answer, the sooner the next has it. */
  #decide(handler: SipHandler, { id, request }: Question): TermInput | Promise<TermInput> {
    const reply = new SipReply(request.method)
    const failed = (error: unknown) => {
      this.#listener.handlerFailed(error, request)
      return errorTerm(id, String(error))
    }
    try {
      const result = handler(request, reply)
      if (!isThenable(result)) return reply.toTerm(id)
      return Promise.resolve(result).then(() => reply.toTerm(id), failed)
    } catch (error) {
      return failed(error)
    }
  }
}

/** One function is exposed for all routers of a node: which one is asked depends on who asks. */
const tables = new WeakMap<ErlangNode, Map<string, Router>>()

/** Gives the questions of peers to a router. Errors: RangeError, and none, when one has one already. */
export function addRouter(node: ErlangNode, peers: readonly string[], router: Router): void {
  const table = tables.get(node) ?? exposeTable(node)
  for (const peer of peers) {
    if (!table.has(peer)) continue
    throw new RangeError(`there is a Kamailio for ${peer} at this node already`)
  }
  for (const peer of peers) table.set(peer, router)
}

export function removeRouter(node: ErlangNode, peer: string): void {
  tables.get(node)?.delete(peer)
}

function exposeTable(node: ErlangNode): Map<string, Router> {
  const table = new Map<string, Router>()
  tables.set(node, table)
  node.expose('beamlink', {
    route: (...args: Term[]) => {
      const peer = callContext()?.node ?? ''
      const router = table.get(peer)
      return router?.answer(args, peer) ?? errorTerm(undefined, `no Kamailio object for ${peer}`)
    },
  })
  return table
}
