import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { withDeadline } from './waiting.js'

/** The flags of a node of OTP 25. */
const flags = 0x7ddffbcn

/** What a node sends first: `length:16 'N' flags:64 creation:32 length:16 name`. */
export function namePacket(name: string): Buffer {
  const packet = Buffer.alloc(17 + name.length)
  packet.writeUInt16BE(packet.length - 2, 0)
  packet.write('N', 2)
  packet.writeBigUInt64BE(flags, 3)
  packet.writeUInt32BE(0x1234, 11)
  packet.writeUInt16BE(name.length, 15)
  packet.write(name, 17, 'latin1')
  return packet
}

/** The end of a connection, however it ends. */
export function closed(socket: Socket): Promise<void> {
  const end = new Promise<void>((resolve) => socket.resume().once('close', () => resolve()))
  return withDeadline(end, 'the end of a connection')
}

/** Connections that do not go on after what they say first. */
export class HalfOpen {
  readonly #sockets: Socket[] = []

  /** One connection from a loopback address; it says `bytes`, if any, and no more. */
  async add(port: number, { from = '127.0.0.1', bytes }: { from?: string; bytes?: Buffer } = {}) {
    const socket = connect({ host: '127.0.0.1', port, localAddress: from })
    this.#sockets.push(socket)
    await once(socket, 'connect')
    // It may be closed for newer ones at any time.
    socket.on('error', () => undefined)
    if (bytes !== undefined) socket.write(bytes)
    return socket
  }

  /** So many at a time, each by `one`. */
  async addAll(count: number, one: (index: number) => Promise<unknown>): Promise<void> {
    const batch = 100
    for (let at = 0; at < count; at += batch) {
      const size = Math.min(batch, count - at)
      await Promise.all(Array.from({ length: size }, (_, i) => one(at + i)))
    }
  }

  close(): void {
    for (const socket of this.#sockets.splice(0)) socket.destroy()
  }
}
