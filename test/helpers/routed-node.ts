import type { Operation } from '../../lib/native/contract.js'
import { defaultDecodeOptions } from '../../lib/native/options.js'
import { Calls } from '../../lib/node/calls.js'
import { type Drop, Drops } from '../../lib/node/drops.js'
import type { Features } from '../../lib/node/features.js'
import { Identity } from '../../lib/node/identity.js'
import { parseNodeName } from '../../lib/node/node-name.js'
import { Observer } from '../../lib/node/observe/observer.js'
import { HandlerProcess, type MessageHandler } from '../../lib/node/process/handler-process.js'
import { Processes } from '../../lib/node/process/processes.js'
import type { InboundFrame } from '../../lib/node/route.js'
import { type DecodeFailure, Router } from '../../lib/node/router.js'
import type { Term, TermInput } from '../../lib/term/term.js'
import { frameOf, RecordedRoute } from './recorded-route.js'

export const identity = new Identity(parseNodeName('name', 'web@127.0.0.1'))

/** The processes of a node, and one peer that says what a test makes it say. */
export class RoutedNode {
  readonly route: RecordedRoute
  readonly drops: Drop[] = []
  readonly undecoded: DecodeFailure[] = []
  /** Spawn requests, which are the business of the node above. */
  readonly unanswered: InboundFrame[] = []
  readonly calls = new Calls(identity, identity.nextPid())
  readonly processes: Processes
  readonly #router: Router

  constructor(peer: string, features: Partial<Features> = {}) {
    const route = new RecordedRoute(peer, features)
    const processes = new Processes(identity, undefined, {
      route: () => route,
      send: () => Promise.resolve(),
    })
    this.route = route
    this.processes = processes
    this.#router = new Router({
      calls: this.calls,
      drops: new Drops((drop) => this.drops.push(drop)),
      observer: new Observer(identity.name, 'secret', (run) => run()),
      processes,
      get gate(): never {
        throw new Error('frames come from who has been let in')
      },
      get peers(): never {
        throw new Error('frames that are received do not look for their peer')
      },
      spawnRequested: (frame) => this.unanswered.push(frame),
      decodeFailed: (failure) => this.undecoded.push(failure),
      listening: () => undefined,
      listenFailed: () => undefined,
    })
  }

  start(handler: MessageHandler): HandlerProcess {
    const failed = (error: unknown) => {
      throw error
    }
    const drops = new Drops((drop) => this.drops.push(drop))
    const options = { decode: defaultDecodeOptions, failed, drops }
    const process = new HandlerProcess(identity.nextPid(), this.processes, handler, options)
    this.processes.add(process)
    return process
  }

  /** A frame whose payload could not be read. */
  receiveBad(operation: Operation, fields: readonly Term[], payloadError: string): void {
    this.receiveFrame(Object.assign(frameOf(operation, fields), { payloadError }))
  }

  /** A frame as it would arrive over `route`. */
  receive(
    operation: Operation,
    fields: readonly Term[],
    payload?: TermInput,
    route: RecordedRoute = this.route,
  ): void {
    this.receiveFrame(frameOf(operation, fields, payload), route)
  }

  /** Charged with 10 bytes. */
  receiveFrame(frame: InboundFrame, route: RecordedRoute = this.route): void {
    this.#router.receive(Object.assign(frame, { charge: 10 }), route)
  }
}
