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
/** A connection that has not asked, and got its answer, by then is closed. */
const requestMs = 10_000
/** Of connections that do not hold a name. One more, and the oldest is closed. */
const mostAsking = 256
/** Each is a connection that stays open. */
const mostNames = 4_096

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
  /** Those that do not hold a name, oldest first. */
  readonly #asking = new Set<Socket>()

  private constructor(server: Server, port: number) {
    this.#server = server
    this.port = port
    server.on('connection', (socket) => this.#accept(socket))
    // A connection that could not be accepted, for want of descriptors: whoever called tries again.
    server.on('error', () => undefined)
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
    socket.on('error', () => socket.destroy())
    socket.on('close', () => this.#sockets.delete(socket))
    this.#awaitRequest(socket)
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

  /** Gives it its time, in the place of the oldest if too many are asking. */
  #awaitRequest(socket: Socket): void {
    if (this.#asking.size === mostAsking) {
      const [oldest] = this.#asking
      if (oldest !== undefined) {
        this.#asking.delete(oldest)
        oldest.destroy()
      }
    }
    this.#asking.add(socket)
    const late = setTimeout(() => {
      if (this.#asking.has(socket)) socket.destroy()
    }, requestMs).unref()
    socket.on('close', () => {
      clearTimeout(late)
      this.#asking.delete(socket)
    })
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
    // A line break would forge lines in the answer to NAMES_REQ.
    if (entry === undefined || !/^[^\p{Cc}\s]+$/u.test(entry.alive)) {
      socket.destroy()
      return
    }
    const isFree = !this.#entries.has(entry.alive) && this.#entries.size < mostNames
    const creation = 4 + Math.floor(Math.random() * (2 ** 32 - 4))
    if (!isFree) {
      socket.end(alive2Response(entry, false, creation))
      return
    }
    this.#entries.set(entry.alive, { ...entry, extra: Buffer.from(entry.extra) })
    this.#asking.delete(socket)
    socket.resume() // a registered node says nothing more; its end must still be seen
    socket.on('close', () => this.#entries.delete(entry.alive))
    socket.write(alive2Response(entry, true, creation))
  }
}
