import { outside } from '../base/outside.js'
import { encode } from '../native/codec.js'
import type { Operation } from '../native/contract.js'
import type { EncodeOptions } from '../native/options.js'
import type { Atom } from '../term/atom.js'
import type { Term, TermInput } from '../term/term.js'
import { allFeatures } from './features.js'
import { BytesFrame } from './frames.js'
import type { Identity } from './identity.js'
import { type InboundFrame, type Route, settled, type Waiting } from './route.js'

/** So many frames come in microtasks; then the event loop turns, lest two who answer each other stop it. */
const longestRow = 1_000

/**
 * The way of a node to itself: what is sent goes through the codec and the router as it would from
 * a peer, so that a process cannot tell, and comes in a later microtask, so that nobody's handler
 * runs inside `send`.
 */
export class Loopback implements Route {
  readonly name: string
  readonly node: Atom
  readonly features = allFeatures
  readonly isUp = true
  readonly creation: number
  readonly failure = undefined
  readonly #receive: (frame: InboundFrame, route: Route) => void
  #frames: BytesFrame[] = []
  #inARow = 0

  constructor(
    { node, creation }: Pick<Identity, 'node' | 'creation'>,
    receive: (frame: InboundFrame, route: Route) => void,
  ) {
    this.name = node.name
    this.node = node
    this.creation = creation
    this.#receive = receive
  }

  signal(operation: Operation, fields: readonly TermInput[]): void {
    this.#enqueue(operation, fields, undefined)
  }

  post(
    operation: Operation,
    fields: readonly TermInput[],
    payload: TermInput,
    options?: EncodeOptions,
  ): Promise<void> {
    this.#enqueue(operation, fields, encode(payload, options))
    return settled
  }

  whenUp(waiting: Waiting): void {
    waiting.routeUp(this)
  }

  /** Nothing waits here. */
  forget(): void {}

  refusal(): undefined {
    return undefined
  }

  consumed(): void {}
  callStarted(): void {}
  callEnded(): void {}

  #enqueue(operation: Operation, fields: readonly TermInput[], bytes: Buffer | undefined): void {
    // The fields of an operation are pids, atoms, references and tuples of them: already terms.
    this.#frames.push(new BytesFrame(operation, fields as readonly Term[], bytes))
    if (this.#frames.length > 1) return
    if (this.#inARow < longestRow) {
      queueMicrotask(this.#deliver)
      return
    }
    this.#inARow = 0
    setImmediate(this.#deliver)
  }

  readonly #deliver = (): void => outside(this.#deliverAll)

  readonly #deliverAll = (): void => {
    const frames = this.#frames
    this.#frames = []
    this.#inARow += frames.length
    for (const frame of frames) {
      try {
        this.#receive(frame, this)
      } catch (error) {
        // As with frames of peers: it becomes an uncaught exception, and the others are received.
        process.nextTick(rethrow, error)
      }
    }
  }
}

function rethrow(error: unknown): void {
  throw error
}
