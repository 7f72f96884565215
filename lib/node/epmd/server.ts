import { createServer, type Server, type Socket } from 'node:net'
import {
  alive2Response,
  type EpmdEntry,
  EpmdTag,
  namesResponse,
  port2Response,
  readAlive2Request,
} from './protocol.js'

/** A request is a name and a few numbers; whoever sends more is no node. */
const longestRequest = 1024
/** A connection that has not asked anything by then is closed. */
const idleMs = 10_000

/**
 * An epmd inside this process, for machines without Erlang: registers nodes and answers where they
 * listen, on loopback. It ends with the process; the nodes that were registered notice, and one of
 * them starts the next.
 *
 * Not offered: KILL and STOP, which would let any local program end it.
 */
export class EpmdServer {
  readonly port: number
  readonly #server: Server
  readonly #entries = new Map<string, EpmdEntry>()
  readonly #sockets = new Set<Socket>()

  private constructor(server: Server, port: number) {
    this.#server = server
    this.port = port
    server.on('connection', (socket) => this.#accept(socket))
  }

  /** Errors: what `net.Server.listen` says, EADDRINUSE when somebody is there already. */
  static listen(port: number): Promise<EpmdServer> {
    const server = createServer()
    return new Promise((resolve, reject) => {
      server.once('error', reject)
      server.listen(port, '127.0.0.1', () => {
        server.off('error', reject)
        server.unref()
        const address = server.address()
        resolve(
          new EpmdServer(
            server,
            typeof address === 'object' && address !== null ? address.port : port,
          ),
        )
      })
    })
  }

  /** Closes the listener and every registration. Safe twice. */
  close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    return new Promise((resolve) => {
      this.#server.close(() => resolve())
    })
  }

  #accept(socket: Socket): void {
    this.#sockets.add(socket)
    socket.unref()
    socket.setTimeout(idleMs, () => socket.destroy())
    socket.on('error', () => socket.destroy())
    socket.on('close', () => this.#sockets.delete(socket))
    let received: Buffer = Buffer.alloc(0)
    const onData = (chunk: Buffer) => {
      received = Buffer.concat([received, chunk])
      if (received.length < 2) return
      const end = 2 + received.readUInt16BE(0)
      if (end > longestRequest) socket.destroy()
      else if (received.length >= end) {
        socket.off('data', onData)
        this.#answer(socket, received.subarray(2, end))
      }
    }
    socket.on('data', onData)
  }

  #answer(socket: Socket, body: Buffer): void {
    switch (body[0]) {
      case EpmdTag.Alive2Request:
        this.#register(socket, body)
        return
      case EpmdTag.PortPlease2Request:
        socket.end(port2Response(this.#entries.get(body.toString('utf8', 1))))
        return
      case EpmdTag.NamesRequest:
      case EpmdTag.DumpRequest:
        socket.end(namesResponse(this.port, this.#entries.values()))
        return
      default:
        socket.destroy()
    }
  }

  #register(socket: Socket, body: Buffer): void {
    const entry = readAlive2Request(body)
    if (entry === undefined) {
      socket.destroy()
      return
    }
    const isFree = !this.#entries.has(entry.alive)
    const creation = 4 + Math.floor(Math.random() * (2 ** 32 - 4))
    if (!isFree) {
      socket.end(alive2Response(entry, false, creation))
      return
    }
    this.#entries.set(entry.alive, { ...entry, extra: Buffer.from(entry.extra) })
    socket.setTimeout(0)
    socket.resume() // a registered node says nothing more; its end must still be seen
    socket.on('close', () => this.#entries.delete(entry.alive))
    socket.write(alive2Response(entry, true, creation))
  }
}
