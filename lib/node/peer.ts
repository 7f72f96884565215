import { ErlangError } from '../errors.js'
import { encode } from '../native/codec.js'
import type { Operation } from '../native/contract.js'
import type { EncodeOptions } from '../native/options.js'
import { reactor } from '../native/reactor.js'
import { Atom } from '../term/atom.js'
import { RawTerm } from '../term/raw.js'
import type { TermInput } from '../term/term.js'
import type { Drops } from './drops.js'
import { type Features, noFeatures, readFeatures } from './features.js'
import { Inflow, Outflow } from './flow.js'
import { type Charged, type Route, settled, unobserved, type Waiting } from './route.js'

/** The encoded form of a value: it is checked now, and later changes of the value do not matter. */
export function snapshot(value: TermInput, options?: EncodeOptions): RawTerm {
  return new RawTerm(encode(value, options).subarray(1))
}

/** What a peer asks of the table it stands in. */
export interface PeerOwner {
  readonly maxQueuedBytes: number
  readonly drops: Drops
  /** Starts to connect, unless that is under way. */
  dial(peer: Peer): void
}

/** A frame that waits for its channel. */
class WaitingFrame implements Waiting {
  readonly #operation: Operation
  readonly #fields: readonly TermInput[]
  readonly #payload: RawTerm
  readonly #resolve: (below: Promise<void>) => void
  readonly #reject: (error: ErlangError) => void

  constructor(
    operation: Operation,
    fields: readonly TermInput[],
    payload: RawTerm,
    resolve: (below: Promise<void>) => void,
    reject: (error: ErlangError) => void,
  ) {
    this.#operation = operation
    this.#fields = fields
    this.#payload = payload
    this.#resolve = resolve
    this.#reject = reject
  }

  snapshot(): void {}

  routeUp(route: Route): void {
    this.#resolve(route.post(this.#operation, this.#fields, this.#payload))
  }

  routeFailed(error: ErlangError): void {
    this.#reject(error)
  }
}

/** Another node: the channel to it, or what waits for one. */
export class Peer implements Route {
  readonly name: string
  readonly node: Atom
  features: Features = noFeatures
  creation = 0
  /** 0 while there is none. */
  channel = 0
  isDialling = false
  readonly #owner: PeerOwner
  #waiting: Waiting[] = []
  #outflow: Outflow | undefined
  #inflow: Inflow | undefined

  constructor(name: string, owner: PeerOwner) {
    this.name = name
    this.node = Atom.intern(name)
    this.#owner = owner
  }

  get isUp(): boolean {
    return this.channel !== 0
  }

  /** Bytes handed over and not written, bytes delivered and not dealt with. */
  get queued(): { readonly out: number; readonly in: number } {
    return { out: this.#outflow?.queued ?? 0, in: this.#inflow?.outstanding ?? 0 }
  }

  signal(operation: Operation, fields: readonly TermInput[]): void {
    if (this.channel !== 0) void this.#outflow?.add(reactor.send(this.channel, operation, fields))
  }

  post(
    operation: Operation,
    fields: readonly TermInput[],
    payload: TermInput,
    options?: EncodeOptions,
  ): Promise<void> {
    const outflow = this.#outflow
    if (outflow !== undefined) {
      return outflow.add(reactor.send(this.channel, operation, fields, payload, options))
    }
    const frozen = snapshot(payload, options)
    return unobserved(
      new Promise((resolve, reject) => {
        this.whenUp(
          new WaitingFrame(operation, fields, frozen, resolve, (error) => {
            this.#owner.drops.add({
              reason: 'noConnection',
              peer: this.name,
              detail: error.message,
            })
            reject(error)
          }),
        )
      }),
    )
  }

  whenUp(waiting: Waiting): void {
    if (this.channel !== 0) {
      waiting.routeUp(this)
      return
    }
    waiting.snapshot()
    this.#waiting.push(waiting)
    this.#owner.dial(this)
  }

  /** Resolves when all that was sent so far is written; at once when there is nothing. */
  whenWritten(): Promise<void> {
    if (this.#outflow !== undefined) return this.#outflow.whenWritten()
    if (!this.isDialling) return settled
    return unobserved(
      new Promise((resolve, reject) => {
        const routeUp = () => resolve(this.whenWritten())
        this.#waiting.push({ snapshot: () => undefined, routeUp, routeFailed: reject })
      }),
    )
  }

  arrived(charge: number): void {
    if (charge !== 0) this.#inflow?.arrived(charge)
  }

  consumed({ channel, charge }: Charged): void {
    if (channel === this.channel && charge !== 0) this.#inflow?.consumed(charge)
  }

  callStarted(): void {
    this.#inflow?.callStarted()
  }

  callEnded(): void {
    this.#inflow?.callEnded()
  }

  drained(written: number): void {
    this.#outflow?.drained(written)
  }

  /** The channel is up: what has waited goes out first, in order. */
  up(channel: number, flags: number, creation: number): void {
    this.channel = channel
    this.features = readFeatures(flags)
    this.creation = creation
    this.#outflow = new Outflow(channel, this.#owner.maxQueuedBytes)
    this.#inflow = new Inflow(channel, this.#owner.maxQueuedBytes)
    for (const waiting of this.#takeWaiting()) waiting.routeUp(this)
  }

  /** No channel came up. */
  failed(error: ErlangError): void {
    for (const waiting of this.#takeWaiting()) waiting.routeFailed(error)
  }

  /** The channel is gone. */
  down(reason: string): void {
    this.channel = 0
    this.features = noFeatures
    this.#outflow?.close(
      new ErlangError('ERR_ERL_NOCONNECTION', `the connection to ${this.name} is gone: ${reason}`),
    )
    this.#outflow = undefined
    this.#inflow = undefined
  }

  #takeWaiting(): readonly Waiting[] {
    const waiting = this.#waiting
    this.#waiting = []
    return waiting
  }
}
