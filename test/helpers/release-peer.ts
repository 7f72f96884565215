import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { atom, decode, type ErlangNode, encode, Pid, Reference, type Term, tuple } from 'beamlink'
import { testCookie } from './erl-node.js'
import { frameOf } from './hostile-peer.js'
import { uniqueName } from './names.js'
import { readPackets } from './packets.js'
import { Arrivals, until, withDeadline } from './waiting.js'

/** How a release of OTP introduces itself. */
export interface Release {
  readonly name: string
  /** What its nodes send in their `N` packet. */
  readonly flags: bigint
  /** What they refuse to be without, when a peer's flags are read as the digest below says. */
  readonly mandatory: bigint
  /** By which operation it sends to aliases, where both sides know it. */
  readonly aliasSend: 33 | 37
}

/**
 * Each as erts/emulator/beam/dist.h of that release says: DFLAG_DIST_DEFAULT with DFLAG_PUBLISHED,
 * which dist_util adds for a node that is not hidden; and DFLAG_DIST_MANDATORY.
 *
 *   0x00000003d  PUBLISHED EXTENDED_REFERENCES DIST_MONITOR FUN_TAGS DIST_MONITOR_NAME
 *   0x000007f80  NEW_FUN_TAGS EXTENDED_PIDS_PORTS EXPORT_PTR_TAG BIT_BINARIES NEW_FLOATS UNICODE_IO
 *                DIST_HDR_ATOM_CACHE SMALL_ATOM_TAGS
 *   0x0007f0000  less 0x200000: UTF8_ATOMS MAP_TAG BIG_CREATION SEND_SENDER BIG_SEQTRACE_LABELS
 *                EXIT_PAYLOAD FRAGMENTS
 *   0x007000000  HANDSHAKE_23 UNLINK_ID MANDATORY_25_DIGEST
 *   0xd00000000  SPAWN V4_NC ALIAS
 *   1 << 37      ALTACT_SIG, from OTP 28 on
 */
const default26 = 0xd07df7fbdn
/** Of OTP 25, and with it V4_NC and UNLINK_ID. */
const mandatory26 = 0x1070f94n | (4n << 32n) | 0x2000000n

const mandatory25 =
  0x4n |
  0x10n |
  0x80n |
  0x100n |
  0x200n |
  0x400n |
  0x800n |
  0x10000n |
  0x20000n |
  0x40000n |
  0x1000000n
const digest25 = 0x4000000n

export const releases: readonly Release[] = [
  { name: 'OTP 26', flags: default26, mandatory: mandatory26, aliasSend: 33 },
  { name: 'OTP 28', flags: default26 | (1n << 37n), mandatory: mandatory26, aliasSend: 37 },
]

/** A frame that the peer got. */
export interface Heard {
  readonly control: readonly Term[]
  readonly payload: Term | undefined
}

/** One end of a socket on which handshakes are made of packets with two bytes of length. */
class Packets {
  readonly socket: Socket

  constructor(socket: Socket) {
    this.socket = socket
    socket.setNoDelay()
  }

  write(...parts: (string | Buffer)[]): void {
    const content = Buffer.concat(parts.map((part) => Buffer.from(part as string)))
    const length = Buffer.alloc(2)
    length.writeUInt16BE(content.length)
    this.socket.write(Buffer.concat([length, content]))
  }

  async read(): Promise<Buffer> {
    return this.#take((await this.#take(2)).readUInt16BE())
  }

  async #take(size: number): Promise<Buffer> {
    for (;;) {
      const bytes: Buffer | null = this.socket.read(size)
      if (bytes !== null) return bytes
      if (this.socket.destroyed) throw new Error('the node closed the connection')
      await once(this.socket, 'readable')
    }
  }
}

/**
 * A peer that shakes hands as a release of OTP does, in either role, and refuses what that would
 * refuse; then it says what it is told to. Source: OTP 26 and 28, kernel/src/dist_util.erl.
 */
export class ReleasePeer {
  readonly name: string
  readonly release: Release
  readonly heard = new Arrivals<Heard>()
  /** What the node said in its own `N` packet. */
  theirFlags = 0n
  readonly #socket: Socket
  readonly #server: Server | undefined
  #references = 0

  private constructor(name: string, release: Release, socket: Socket, server?: Server) {
    this.name = name
    this.release = release
    this.#socket = socket
    this.#server = server
    socket.on('error', () => undefined)
  }

  /** It dials the node. */
  static async dial(release: Release, node: ErlangNode): Promise<ReleasePeer> {
    if (node.address === undefined) throw new Error('the node does not listen')
    const socket = connect(node.address.port, node.address.host)
    await once(socket, 'connect')
    const peer = new ReleasePeer(uniqueName('otp'), release, socket)
    const up = until(node, 'nodeup', (name) => name === peer.name)
    await withDeadline(peer.#sayHello(new Packets(socket)), 'the handshake')
    peer.#begin()
    await up
    return peer
  }

  /** The node dials it. */
  static async accept(release: Release, node: ErlangNode): Promise<ReleasePeer> {
    const name = uniqueName('otp')
    const server = createServer({ pauseOnConnect: true }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const called = once(server, 'connection')
    const { port } = server.address() as { port: number }
    const up = node.connect(name, { host: '127.0.0.1', port })
    const [socket] = (await called) as [Socket]
    const peer = new ReleasePeer(name, release, socket, server)
    await withDeadline(peer.#hearHello(new Packets(socket)), 'the handshake')
    peer.#begin()
    await up
    return peer
  }

  /** The operations that both sides know. */
  get shared(): bigint {
    return this.theirFlags & this.release.flags
  }

  pid(id = 1): Pid {
    return new Pid(atom(this.name), id, 0, creation)
  }

  reference(): Reference {
    this.#references += 1
    return new Reference(atom(this.name), [this.#references, 0, 0], creation)
  }

  say(control: readonly unknown[], ...payload: Term[]): void {
    const parts = payload.map((term) => encode(term))
    this.#socket.write(frameOf(encode(tuple(...(control as Term[]))), ...parts))
  }

  /** The next frame of that operation; others before it are let go. */
  async hear(operation: number): Promise<Heard> {
    for (;;) {
      const heard = await this.heard.next(`operation ${operation}`)
      if (heard.control[0] === operation) return heard
    }
  }

  stop(): void {
    this.#socket.destroy()
    this.#server?.close()
  }

  async #sayHello(packets: Packets): Promise<void> {
    packets.write('N', this.#introduction(this.release.flags))
    const status = (await packets.read()).toString()
    if (status !== 'sok') throw new Error(`the node answered ${status}`)
    const challenge = await packets.read()
    this.#check(challenge)
    const own = randomBytes(4)
    packets.write('r', own, digestOf(challenge.readUInt32BE(9)))
    this.#checkDigest(await packets.read(), 'a', own.readUInt32BE())
  }

  async #hearHello(packets: Packets): Promise<void> {
    this.#check(await packets.read())
    packets.write('sok')
    const own = randomBytes(4)
    const { flags } = this.release
    const head = this.#introduction(flags)
    packets.write('N', head.subarray(0, 8), own, head.subarray(8))
    const reply = await packets.read()
    this.#checkDigest(
      Buffer.concat([reply.subarray(0, 1), reply.subarray(5)]),
      'r',
      own.readUInt32BE(),
    )
    packets.write('a', digestOf(reply.readUInt32BE(1)))
  }

  /** Flags, creation, length of the name, name. */
  #introduction(flags: bigint): Buffer {
    const head = Buffer.alloc(14)
    head.writeBigUInt64BE(flags)
    head.writeUInt32BE(creation, 8)
    head.writeUInt16BE(Buffer.byteLength(this.name), 12)
    return Buffer.concat([head, Buffer.from(this.name)])
  }

  /** As `check_dflags`: what MANDATORY_25_DIGEST stands for may be left out. */
  #check(packet: Buffer): void {
    if (packet[0] !== 0x4e) throw new Error(`the node began with ${packet[0]}, not with N`)
    const flags = packet.readBigUInt64BE(1)
    this.theirFlags = (flags & digest25) === 0n ? flags : flags | mandatory25
    const missing = this.release.mandatory & ~this.theirFlags
    if (missing !== 0n) throw new Error(`the node lacks the flags 0x${missing.toString(16)}`)
  }

  #checkDigest(packet: Buffer, tag: string, challenge: number): void {
    const isRight =
      packet.subarray(0, 1).toString() === tag && packet.subarray(1).equals(digestOf(challenge))
    if (!isRight) throw new Error('the node does not know the cookie')
  }

  #begin(): void {
    readPackets(this.#socket, (bytes) => this.#got(bytes))
    this.#socket.resume()
  }

  #got(bytes: Buffer): void {
    if (bytes.length === 0) return
    const control = decode(bytes.subarray(1))
    const rest = bytes.subarray(1 + encode(control).length)
    const payload = rest.length > 0 ? decode(rest) : undefined
    this.heard.push({ control: [...(control as unknown as Iterable<Term>)], payload })
  }
}

const creation = 0x5eed

function digestOf(challenge: number): Buffer {
  return createHash('md5').update(`${testCookie}${challenge}`).digest()
}
