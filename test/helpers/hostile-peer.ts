import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { atom, decode, type ErlangNode, encode, Pid, Reference, type Term, tuple } from 'beamlink'
import { uniqueName } from './names.js'
import { readPackets } from './packets.js'
import { Arrivals, type Deferred, deferred, withDeadline } from './waiting.js'

/** What plain `ei` says, and monitors by name, spawn requests, aliases and the sender of messages. */
const usualFlags = 0x407074f9cn | 0x20n | (1n << 32n) | (8n << 32n) | 0x80000n

export interface HostileOptions {
  readonly cookie: string
  /** A fresh one by default. */
  readonly name?: string
  readonly flags?: bigint
}

/** A frame that the peer got. */
export interface Heard {
  readonly control: readonly Term[]
  readonly payload?: Term
}

/**
 * A peer that knows the cookie, passes the handshake, and then says whatever it is told to, byte by
 * byte. It is made of a socket and nothing of beamlink's but the codec, and it never ticks.
 */
export class HostilePeer {
  readonly name: string
  readonly heard = new Arrivals<Heard>()
  /** Whether `heard` gets what is no answer to a call. */
  keepsHeard = true
  /** Resolves when the other side has closed the connection. */
  readonly closed: Promise<void>
  readonly #socket: Socket
  readonly #calls = new Map<string, Deferred<Term>>()
  #references = 0
  #isClosed = false

  private constructor(name: string, socket: Socket) {
    this.name = name
    this.#socket = socket
    const closed = deferred<void>()
    this.closed = closed.promise
    socket.on('error', () => undefined) // it closes, too
    socket.on('close', () => {
      this.#isClosed = true
      closed.resolve()
    })
  }

  /** Connects to a node of ours, under its cookie. */
  static async connect(node: ErlangNode, options: HostileOptions): Promise<HostilePeer> {
    const { name = uniqueName('hostile'), flags = usualFlags, cookie } = options
    const address = node.address
    if (address === undefined) throw new Error('the node does not listen')
    const socket = connect(address.port, address.host)
    await withDeadline(once(socket, 'connect'), 'a hostile peer to connect')
    socket.setNoDelay()
    const peer = new HostilePeer(name, socket)
    await withDeadline(peer.#shakeHands(flags, cookie), 'a hostile peer to shake hands')
    readPackets(socket, (bytes) => peer.#got(bytes))
    return peer
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  /** A process of the peer: it need not be there. */
  pid(id = 1): Pid {
    return new Pid(atom(this.name), id, 0, 1)
  }

  /** One that it has not used before. */
  reference(): Reference {
    this.#references += 1
    return new Reference(atom(this.name), [this.#references, 0, 0], 1)
  }

  /** Sends a frame with that control tuple. */
  say(control: readonly Term[], ...payload: Term[]): void {
    void this.write(frameOf(encode(tuple(...control)), ...payload.map((term) => encode(term))))
  }

  /** Sends bytes as they are. Resolves when the socket takes more, or has closed. */
  async write(bytes: Uint8Array): Promise<void> {
    if (this.#socket.write(bytes) || this.#isClosed) return
    await Promise.race([once(this.#socket, 'drain').catch(() => undefined), this.closed])
  }

  /** Calls a function by `erpc`; gives what the process of the call ends with. */
  async call(
    module: string,
    name: string,
    args: readonly Term[],
    timeoutMs?: number,
  ): Promise<Term> {
    const reference = this.reference()
    const entry = tuple(atom('erpc'), atom('execute_call'), 4)
    const control = [29, reference, this.pid(), this.pid(), entry, [atom('monitor')]]
    const ended = deferred<Term>()
    this.#calls.set(String(reference), ended)
    this.say(control as Term[], [reference, atom(module), atom(name), [...args]] as Term[])
    return withDeadline(ended.promise, 'the answer to a call', timeoutMs)
  }

  /** Reads nothing any more, so that what it is sent piles up on the other side. */
  stopReading(): void {
    this.#socket.pause()
  }

  resumeReading(): void {
    this.#socket.resume()
  }

  async close(): Promise<void> {
    this.#socket.destroy()
    await this.closed
  }

  #got(bytes: Buffer): void {
    if (bytes.length === 0) return
    const control = decode(bytes.subarray(1)) as unknown as Iterable<Term>
    const rest = bytes.subarray(1 + encode(control as unknown as Term).length)
    const parts = [...control]
    if (this.#isOfCall(parts) || !this.keepsHeard) return
    this.heard.push({ control: parts, ...(rest.length > 0 ? { payload: decode(rest) } : {}) })
  }

  /** SPAWN_REPLY of a call, and the end of its process. */
  #isOfCall(control: readonly Term[]): boolean {
    const [operation, first, , about, last] = control
    const reference = String(operation === 31 ? first : about)
    const call = this.#calls.get(reference)
    if (call === undefined || (operation !== 31 && operation !== 21)) return false
    if (operation === 31 && Pid.is(last)) return true
    this.#calls.delete(reference)
    call.resolve(last as Term)
    return true
  }

  /** As a client of OTP 23 and later. Source: erl_dist_protocol, "Distribution Handshake". */
  async #shakeHands(flags: bigint, cookie: string): Promise<void> {
    const head = Buffer.alloc(15)
    head.write('N')
    head.writeBigUInt64BE(flags, 1)
    head.writeUInt32BE(1, 9)
    head.writeUInt16BE(Buffer.byteLength(this.name), 13)
    this.#packet(Buffer.concat([head, Buffer.from(this.name)]))
    const status = (await this.#handshakePacket()).toString()
    if (!status.startsWith('sok')) throw new Error(`the node answered ${status}`)
    const challenge = (await this.#handshakePacket()).readUInt32BE(9)
    const digest = createHash('md5').update(`${cookie}${challenge}`).digest()
    this.#packet(Buffer.concat([Buffer.from('r'), randomBytes(4), digest]))
    await this.#handshakePacket()
  }

  #packet(content: Buffer): void {
    const length = Buffer.alloc(2)
    length.writeUInt16BE(content.length)
    this.#socket.write(Buffer.concat([length, content]))
  }

  async #handshakePacket(): Promise<Buffer> {
    const length = (await this.#read(2)).readUInt16BE()
    return this.#read(length)
  }

  async #read(size: number): Promise<Buffer> {
    for (;;) {
      const bytes: Buffer | null = this.#socket.read(size)
      if (bytes !== null) return bytes
      if (this.#isClosed) throw new Error('the node closed the connection in the handshake')
      await Promise.race([once(this.#socket, 'readable'), this.closed])
    }
  }
}

/** One frame of the parts behind its header: control and payload, each with its version byte. */
export function frameOf(...parts: Uint8Array[]): Buffer {
  const body = Buffer.concat(parts)
  const head = Buffer.alloc(5)
  head.writeUInt32BE(body.length + 1)
  head[4] = 112
  return Buffer.concat([head, body])
}

/** A frame many times over, with a number of 32 bits at `at` that counts up from `from`. */
export function numbered(frame: Buffer, at: number, from: number, count: number): Buffer {
  const all = Buffer.alloc(frame.length * count)
  for (let i = 0; i < count; i += 1) {
    frame.copy(all, i * frame.length)
    all.writeUInt32BE(from + i, i * frame.length + at)
  }
  return all
}
