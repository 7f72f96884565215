import { outside } from '../base/outside.js'
import type { TermInput } from '../term/term.js'
import { AtomSource, AtomValues } from './atom-values.js'
import { type ChannelCounts, countsOf } from './channel-counts.js'
import { nowMs } from './clock.js'
import { nativeCodec } from './codec.js'
import { codecError } from './codec-error.js'
import {
  type HeaderBytes,
  MeterColumn,
  type NativeAddon,
  type NativeDial,
  type NativeDialThrough,
  type NativeNodeOptions,
  type Operation,
} from './contract.js'
import { Dispatcher } from './dispatcher.js'
import { EventBuffer } from './event-record.js'
import { FrameAttachment, FrameBatch } from './frame-batch.js'
import { addon } from './load.js'
import type { NodeSink } from './node-sink.js'
import { defaultEncodeOptions, type EncodeOptions } from './options.js'
import { SharedBytes } from './shared-bytes.js'
import { TapeReader } from './tape-reader.js'
import { Wakes } from './wakes.js'

export type { Frame } from './frame.js'
export type { ChannelEnd, ChannelUp, NodeSink, Question, Refusal } from './node-sink.js'

const eventBytes = 128 * 1024
/** Records are delivered for so long before other events of the loop have their turn. */
const budgetMs = 4
/** Asking for the time at each record would cost as much as a small one. */
const recordsPerLook = 8

/** What exists once the thread runs. */
interface Running {
  readonly addon: NativeAddon
  readonly dispatcher: Dispatcher
  readonly events: EventBuffer
  readonly attachment: FrameAttachment
  readonly frames: FrameBatch
}

/**
 * The JavaScript side of the reactor thread, one for each environment. Ids of nodes and channels
 * come from one counter and are never used again.
 */
class Reactor {
  private readonly shared = new SharedBytes()
  /** Where `measure` writes to. */
  private readonly counts = new Float64Array(MeterColumn.Columns)
  private readonly countBytes = new Uint8Array(this.counts.buffer)
  private readonly wakes = new Wakes(() => this.running.frames.flush())
  private current: Running | undefined
  private references = 0

  /** Opens a node whose events go to `sink`; returns its id. */
  openNode(options: NativeNodeOptions, sink: NodeSink): number {
    const { addon, dispatcher } = this.running
    const node = addon.openNode(options)
    dispatcher.addNode(node, sink)
    return node
  }

  /** Whether each incoming connection waits for `answer`, after an `asked`. */
  askBeforeAccept(node: number, ask: boolean): void {
    this.running.addon.askBeforeAccept(node, ask)
  }

  /** Lets an incoming connection go on, or closes it without a word. */
  answer(node: number, question: number, allowed: boolean): void {
    this.running.addon.answer(node, question, allowed)
  }

  /** The cookie for one peer, in place of the node's own. */
  setCookie(node: number, peer: string, cookie: string): void {
    this.running.addon.setCookie(node, peer, cookie)
  }

  /** Answered by `listening` or `listenFailed`. Port 0 takes a free one. */
  listen(node: number, address: string, port: number): void {
    this.running.addon.listen(node, address, port)
  }

  /** Returns the id of the channel; answered by `channelUp` or `dialFailed`. */
  dial(node: number, dial: NativeDial): number {
    const { addon, dispatcher } = this.running
    const channel = addon.dial(node, dial)
    dispatcher.addChannel(channel, node)
    return channel
  }

  /**
   * As `dial`, over a connection that the caller carries through `end`, a file descriptor of its own.
   *
   * Errors: ERR_ERL_NOCONNECTION when the system gives no pair of sockets.
   */
  dialThrough(node: number, dial: NativeDialThrough): { channel: number; end: number } {
    const { addon, dispatcher } = this.running
    const made = withErlangError(() => addon.dialThrough(node, dial))
    dispatcher.addChannel(made.channel, node)
    return made
  }

  /**
   * A connection from `address` that the caller carries likewise; gives its `end`. `caller` comes back
   * with the question about it. Errors: likewise.
   */
  acceptThrough(node: number, address: string, headerBytes: HeaderBytes, caller: number): number {
    const { addon } = this.running
    return withErlangError(() => addon.acceptThrough(node, address, headerBytes, caller))
  }

  /**
   * Sends one frame; its payload, where the operation has one, follows the fields.
   *
   * Byte arrays of 64 KiB and more are not copied: they must not change, nor be transferred, until
   * they have been written.
   *
   * Gives:  the cost of the frame, in the measure of `drained`; 0 when the channel is gone and the
   *         frame with it
   * Errors: ERR_ERL_ENCODE for what has no Erlang form; nothing is sent then.
   */
  send(
    channel: number,
    operation: Operation,
    fields: readonly TermInput[],
    ...payload: [] | [payload: TermInput, options?: EncodeOptions | undefined]
  ): number {
    const { dispatcher } = this.running
    const frames = this.openFrames()
    const writer = frames.begin()
    let cost = 0
    try {
      writer.integer(operation)
      for (const field of fields) writer.term(field, defaultEncodeOptions)
      if (payload.length > 0) {
        writer.term(payload[0] as TermInput, payload[1] ?? defaultEncodeOptions)
      }
      if (!dispatcher.hasChannel(channel)) return 0
      const { shared, estimatedBytes } = writer.output
      const ticket = shared === undefined ? 0 : this.shared.pin(channel, shared)
      cost = estimatedBytes
      frames.add(channel, cost, ticket)
    } finally {
      frames.end()
    }
    if (frames !== this.running.frames || !this.wakes.canWait(cost)) frames.flush()
    return cost
  }

  /** Where the next frame is to be written. */
  private openFrames(): FrameBatch {
    const { attachment, frames } = this.running
    if (!frames.isBusy) return frames
    // A getter of the value being written has brought us here once more: this frame goes first, and
    // before it those that are complete.
    frames.flush()
    return new FrameBatch(attachment, nativeCodec().newWriter())
  }

  /** Gives back `bytes` of what the frames of a channel were charged with. */
  credit(channel: number, bytes: number): void {
    this.running.addon.credit(channel, bytes)
  }

  /** Lets a channel read on past its mark, while a call to it is pending. */
  setUrgent(channel: number, urgent: boolean): void {
    this.running.addon.setUrgent(channel, urgent)
  }

  /** Asks for one `drained` when at most `below` of the cost is unwritten. */
  drain(channel: number, below: number): void {
    this.sent.addon.drain(channel, below)
  }

  /** What a channel has counted so far; undefined when it is not up. */
  measure(channel: number): ChannelCounts | undefined {
    const isUp = this.running.addon.measure(channel, this.countBytes)
    return isUp ? countsOf(this.counts) : undefined
  }

  /** Answered by `channelDown`, once what was sent has been written or 1 s has passed. */
  close(channel: number): void {
    this.sent.addon.close(channel)
  }

  /** Closes a node's listener and channels at once; each channel gets its `channelDown`. */
  closeNode(node: number): void {
    const { addon, dispatcher } = this.sent
    addon.closeNode(node)
    dispatcher.removeNode(node)
  }

  /** Keeps the process alive until as many `unref` as `ref` have been called. */
  ref(): void {
    this.references++
    if (this.references === 1) this.running.addon.setRef(true)
  }

  unref(): void {
    this.references--
    if (this.references === 0) this.running.addon.setRef(false)
  }

  /** For what has to come behind the frames that were sent before. */
  private get sent(): Running {
    this.running.frames.flush()
    return this.running
  }

  /** Starts the thread at the first use. */
  private get running(): Running {
    this.current ??= this.start()
    return this.current
  }

  private start(): Running {
    const native = addon()
    const atoms = new AtomValues(native, AtomSource.Events, () => native.renewEventAtoms())
    const events = new EventBuffer(eventBytes)
    native.attach({ events: events.memory })
    outside(() => withErlangError(() => native.start(this.deliver)))
    native.setRef(false)
    const attachment = new FrameAttachment(native)
    return {
      addon: native,
      dispatcher: new Dispatcher(new TapeReader(atoms), atoms, this.shared),
      events,
      attachment,
      frames: new FrameBatch(attachment, nativeCodec().newWriter()),
    }
  }

  /** Delivers what waits. The addon does not call again before `take` has returned 0. */
  private readonly deliver = (): void => {
    const { addon, dispatcher, events } = this.running
    const until = nowMs() + budgetMs
    this.wakes.eventsDelivered()
    for (let count = 1; ; count++) {
      const record = events.next(addon)
      if (record === undefined) {
        const bytes = addon.take()
        if (bytes === 0) return
        events.fill(bytes)
        continue
      }
      try {
        dispatcher.dispatch(record)
      } catch (error) {
        process.nextTick(rethrow, error)
      }
      if (count % recordsPerLook === 0 && nowMs() >= until) break
    }
    const rest = setImmediate(this.deliver)
    if (this.references === 0) rest.unref()
  }
}

/** What the addon cannot do for want of descriptors or threads; it may be tried again. */
function withErlangError<Result>(make: () => Result): Result {
  try {
    return make()
  } catch (error) {
    throw codecError(error)
  }
}

/** What a sink throws is nobody's here: it becomes an uncaught exception. */
function rethrow(error: unknown): void {
  throw error
}

export const reactor = new Reactor()
