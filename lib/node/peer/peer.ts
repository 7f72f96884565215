import { ErlangError } from '../../errors.js'
import { addTraffic, noTraffic, type Traffic } from '../../native/channel-counts.js'
import { encode } from '../../native/codec.js'
import { Operation } from '../../native/contract.js'
import type { EncodeOptions } from '../../native/options.js'
import { type ChannelUp, reactor } from '../../native/reactor.js'
import { Atom } from '../../term/atom.js'
import { RawTerm } from '../../term/raw.js'
import type { TermInput } from '../../term/term.js'
import type { Drops } from '../drops.js'
import { type Features, noFeatures, readFeatures } from '../features.js'
import type { PeerOrigin, PeerStats } from '../node-types.js'
import type { Observer } from '../observe/observer.js'
import type { WhenBusy } from '../options.js'
import type { Seekers } from '../process/seekers.js'
import {
  type Charged,
  type Route,
  settled,
  unobserved,
  type Waiting,
  type WhenDown,
} from '../route.js'
import { type FlowLimits, Inflow, Outflow } from './flow.js'
import type { Ledger } from './ledger.js'
import { WaitingFlush, WaitingFrame, WaitingRoom } from './waiting-room.js'

/** The encoded form of a value: it is checked now, and later changes of the value do not matter. */
export function snapshot(value: TermInput, options?: EncodeOptions): RawTerm {
  return new RawTerm(encode(value, options).subarray(1))
}

/** What is sent because of what the peer has sent: it has asked for this, or set up the link. */
const answering: readonly Operation[] = [
  Operation.Exit,
  Operation.MonitorExit,
  Operation.SpawnReply,
  Operation.UnlinkIdAck,
]

/** What a peer asks of the table it stands in. */
export interface PeerOwner {
  readonly maxQueuedBytes: number
  readonly whenBusy: WhenBusy
  readonly drops: Drops
  readonly ledger: Ledger
  readonly observer: Observer
  readonly seekers: Seekers
  /** Starts to connect, unless that is under way, or due soon enough for who waits. */
  dial(peer: Peer, whenDown: WhenDown): void
  /** There may be no reason any more to remember the peer. */
  settle(peer: Peer): void
  /** More waits than may: the channel is to go. */
  overflowed(peer: Peer, what: string): void
}

/** Another node: the channel to it, or what waits for one. */
export class Peer implements Route {
  readonly name: string
  readonly node: Atom
  features: Features = noFeatures
  creation = 0
  /** 0 while there is none. */
  channel = 0
  /** Where the peer is, and who has dialled; while there is a channel. */
  address: PeerOrigin | undefined
  /** The channel goes, at our wish: nothing more is sent over it. */
  isClosing = false
  isDialling = false
  failure: ErlangError | undefined
  readonly #owner: PeerOwner
  readonly #room = new WaitingRoom()
  #outflow: Outflow | undefined
  #inflow: Inflow | undefined
  /** What it has not been given back, because it does not read what it is answered. */
  #withheld = 0

  constructor(name: string, owner: PeerOwner) {
    this.name = name
    this.node = Atom.intern(name)
    this.#owner = owner
  }

  get isUp(): boolean {
    return this.channel !== 0 && !this.isClosing
  }

  /** Whether something is to be sent once it is up. */
  get isWaitedFor(): boolean {
    return this.#room.size > 0
  }

  /** Whether somebody waits for it although it could not be reached. */
  get isAwaited(): boolean {
    return this.#room.isPatient
  }

  /** Whether there is a reason to remember it. */
  get isInUse(): boolean {
    return this.channel !== 0 || this.isDialling || this.#room.size > 0
  }

  /** Bytes handed over and not written, bytes delivered and not dealt with. */
  get queued(): { readonly out: number; readonly in: number } {
    return {
      out: (this.#outflow?.queued ?? 0) + this.#room.bytes,
      in: this.#inflow?.outstanding ?? 0,
    }
  }

  /** What is known of it, and apart from that what its channel alone has counted. */
  measure(): { readonly stats: PeerStats; readonly live: Traffic } {
    const counts = this.channel === 0 ? undefined : reactor.measure(this.channel)
    const account = this.#owner.ledger.find(this.name)
    const { out, in: inward } = this.queued
    const isWritten = counts !== undefined && counts.framesOut === this.#outflow?.frames
    const live = counts ?? noTraffic
    const stats = {
      isUp: this.isUp,
      connections: account?.connections ?? 0,
      upSinceMs: account?.upSinceMs,
      handshakeMs: account?.handshakeMs,
      out: isWritten ? this.#room.bytes : out,
      unwritten: counts?.unwritten ?? 0,
      in: inward,
      ...addTraffic(account?.past ?? noTraffic, live),
      drops: account?.drops ?? {},
    }
    return { stats, live }
  }

  signal(operation: Operation, fields: readonly TermInput[]): void {
    if (!this.isUp) {
      this.#lost(`operation ${operation}`)
      return
    }
    const cost = reactor.send(this.channel, operation, fields)
    void this.#outflow?.add(cost, answering.includes(operation))
    if (this.#owner.observer.watchesFrames) this.#show(operation, fields)
  }

  post(
    operation: Operation,
    fields: readonly TermInput[],
    payload: TermInput,
    options?: EncodeOptions,
    isAnswer = answering.includes(operation),
  ): Promise<void> {
    const outflow = this.#outflow
    if (outflow !== undefined && !this.isClosing) {
      const cost = reactor.send(this.channel, operation, fields, payload, options)
      if (this.#owner.observer.watchesFrames) this.#show(operation, fields, payload, options)
      return outflow.add(cost, isAnswer)
    }
    const frozen = snapshot(payload, options)
    return unobserved(
      new Promise((resolve, reject) => {
        const failed = (error: ErlangError) => {
          this.#lost(error.message)
          reject(error)
        }
        this.whenUp(new WaitingFrame(operation, fields, frozen, resolve, failed))
      }),
    )
  }

  whenUp(waiting: Waiting): void {
    if (this.isUp) {
      waiting.routeUp(this)
      return
    }
    this.#room.add(waiting)
    this.#owner.dial(this, waiting.whenDown)
  }

  forget(waiting: Waiting): void {
    this.#room.remove(waiting)
    this.#owner.settle(this)
  }

  refusal(): ErlangError | undefined {
    const { whenBusy, maxQueuedBytes } = this.#owner
    if (whenBusy === 'wait') return undefined
    const isFull = whenBusy === 'fail' && this.#outflow?.isFull === true
    if (!isFull && this.#room.bytes <= maxQueuedBytes) return undefined
    return new ErlangError(
      'ERR_ERL_BUSY',
      `${this.queued.out} bytes wait to be sent to ${this.name}, more than maxQueuedBytes`,
    )
  }

  /** Resolves when all that was sent so far is written; at once when there is nothing. */
  whenWritten(): Promise<void> {
    const written = this.#outflow?.whenWritten() ?? settled
    if (this.isUp || !this.isDialling) return written
    // What was sent after our wish to close waits for the next channel.
    const next = unobserved(
      new Promise<void>((resolve, reject) => {
        this.#room.add(new WaitingFlush(() => resolve(this.whenWritten()), reject))
      }),
    )
    return unobserved(written.then(() => next))
  }

  arrived(charge: number): void {
    if (charge !== 0) this.#inflow?.arrived(charge)
  }

  consumed({ channel, charge }: Charged, isDue = false): void {
    if (channel !== this.channel || charge === 0) return
    if (isDue || this.#outflow?.hasTooManyAnswers !== true) this.#inflow?.consumed(charge)
    else this.#withhold(charge)
  }

  callStarted(): void {
    this.#inflow?.callStarted()
  }

  callEnded(): void {
    this.#inflow?.callEnded()
  }

  drained(written: number): void {
    this.#outflow?.drained(written)
    if (this.#withheld === 0) return
    if (this.#outflow?.hasTooManyAnswers === true) {
      reactor.drain(this.channel, this.#owner.maxQueuedBytes / 2)
    } else {
      this.#inflow?.consumed(this.#withheld)
      this.#withheld = 0
    }
  }

  /** The channel is up: what has waited goes out first, in order. */
  up({ channel, flags, creation, address, incoming }: ChannelUp): void {
    const { maxQueuedBytes, whenBusy, seekers } = this.#owner
    const limits: FlowLimits = {
      maxQueuedBytes,
      whenBusy,
      seekers,
      overflowed: (what) => this.#owner.overflowed(this, what),
    }
    this.channel = channel
    this.isClosing = false
    this.failure = undefined
    this.features = readFeatures(flags)
    this.creation = creation
    this.address = { host: address, isIncoming: incoming }
    this.#outflow = new Outflow(channel, limits)
    this.#inflow = new Inflow(channel, limits)
    for (const waiting of this.#room.takeAll()) waiting.routeUp(this)
  }

  /** No channel came up; those who wait for the next attempt go on waiting. */
  attemptFailed(error: ErlangError): void {
    this.failure = error
    for (const waiting of this.#room.takeImpatient()) waiting.routeFailed(error)
  }

  /** No channel will come up. */
  failed(error: ErlangError): void {
    this.failure = error
    for (const waiting of this.#room.takeAll()) waiting.routeFailed(error)
  }

  /** The channel is gone; `framesWritten`, where known, of what was handed to it have been written. */
  down(error: ErlangError, framesWritten: number | undefined): void {
    const outflow = this.#outflow
    this.channel = 0
    this.address = undefined
    this.isClosing = false
    this.failure = error
    this.features = noFeatures
    this.#outflow = undefined
    this.#withheld = 0
    this.#inflow?.close()
    this.#inflow = undefined
    outflow?.close(error, framesWritten)
    const count = framesWritten === undefined ? 0 : (outflow?.frames ?? 0) - framesWritten
    if (count > 0) {
      this.#owner.drops.add({ reason: 'unwritten', peer: this.name, count, detail: error.message })
    }
  }

  /** The peer is read no further, in time, until it has read its answers. */
  #withhold(charge: number): void {
    if (this.#withheld === 0) reactor.drain(this.channel, this.#owner.maxQueuedBytes / 2)
    this.#withheld += charge
  }

  #show(
    operation: Operation,
    fields: readonly TermInput[],
    payload?: TermInput,
    encodeOptions?: EncodeOptions,
  ): void {
    this.#owner.observer.sent({ operation, fields, payload, encodeOptions }, this)
  }

  #lost(detail: string): void {
    this.#owner.drops.add({ reason: 'noConnection', peer: this.name, detail })
  }
}
