import type { AddressInfo, Socket } from 'node:net'
import { createServer, type Server, type TLSSocket } from 'node:tls'
import { chainFault } from './chain.js'
import type { ServerSide } from './choice.js'
import { contextOptions } from './context.js'
import { distrust, refusalOf, type TlsError } from './faults.js'

/** Connections of which nothing more is known than their address: the reactor has as many. */
const mostPending = 256
const refusalPeriodMs = 1_000
const mostRefusals = 100

export interface DoorListener {
  /** TLS is agreed and the peer trusted. Until `admitted` the socket counts as pending. */
  came(socket: TLSSocket, address: string): void
  refused(address: string, why: string): void
}

/** Where peers call: a listening socket, and the connections on it that have not agreed on TLS yet. */
export class Door {
  readonly #side: ServerSide
  readonly #server: Server
  readonly #listener: DoorListener
  /** By their address and port there, oldest first. */
  readonly #pending = new Map<string, { readonly socket: Socket; readonly address: string }>()
  #refusalsSince = 0
  #refusals = 0
  #untold = 0

  constructor(side: ServerSide, handshakeTimeoutMs: number, listener: DoorListener) {
    this.#side = side
    this.#listener = listener
    this.#server = createServer(
      {
        ...contextOptions(side),
        honorCipherOrder: side.honorCipherOrder,
        requestCert: side.verifies,
        rejectUnauthorized: side.verifies && side.requiresCertificate,
        handshakeTimeout: Math.max(1, handshakeTimeoutMs),
        noDelay: true,
      },
      (socket) => this.#agreed(socket),
    )
    this.#server.on('connection', (socket: Socket) => this.#arrived(socket))
    this.#server.on('tlsClientError', (error: TlsError, socket: TLSSocket) => {
      const { authorizationError } = socket as { authorizationError?: unknown }
      const why = authorizationError ? this.#distrust(authorizationError) : refusalOf(error)
      const address = socket.remoteAddress === undefined ? this.#gone() : addressOf(socket)
      socket.destroy()
      if (address !== undefined) this.#refuse(address, why)
    })
  }

  /** Gives the port. Errors: those of `net.Server`. */
  listen(address: string, port: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(port, address, 128, () => {
        this.#server.off('error', reject).on('error', () => undefined)
        resolve((this.#server.address() as AddressInfo).port)
      })
    })
  }

  /** The socket is no longer the door's to care for. */
  admitted(socket: TLSSocket): void {
    this.#pending.delete(keyOf(socket))
  }

  /** The address of a connection that has just closed. Those that we gave up are not among them. */
  #gone(): string | undefined {
    for (const { socket, address } of this.#pending.values()) {
      if (socket.destroyed) return address
    }
    return undefined
  }

  #arrived(socket: Socket): void {
    const key = keyOf(socket)
    if (this.#pending.size >= mostPending) this.#dropOldest()
    this.#pending.set(key, { socket, address: addressOf(socket) })
    socket.once('close', () => this.#pending.delete(key))
  }

  #agreed(socket: TLSSocket): void {
    const why = this.#objection(socket)
    if (why === undefined) {
      this.#listener.came(socket, addressOf(socket))
      return
    }
    this.#refuse(addressOf(socket), why)
    socket.destroy()
  }

  #objection(socket: TLSSocket): string | undefined {
    const { verifies, requiresCertificate, depth } = this.#side
    if (!verifies) return undefined
    const hasCertificate = Object.keys(socket.getPeerCertificate() ?? {}).length > 0
    if (!hasCertificate && !requiresCertificate) return undefined
    if (!socket.authorized) return this.#distrust(socket.authorizationError)
    const fault = chainFault(socket, depth)
    return fault === undefined ? undefined : `its certificate is not trusted: ${fault}`
  }

  #distrust(error: unknown): string {
    const code = error instanceof Error ? error.message : String(error)
    return `its certificate is not trusted, or it showed none: ${distrust(code)}`
  }

  /** One host with many connections must not keep the others out. */
  #dropOldest(): void {
    const counts = new Map<string, number>()
    for (const { address } of this.#pending.values()) {
      counts.set(address, (counts.get(address) ?? 0) + 1)
    }
    const most = Math.max(...counts.values())
    for (const { socket, address } of this.#pending.values()) {
      if (counts.get(address) !== most) continue
      this.#refuse(address, 'given up for newer ones: too many connections wait')
      socket.destroy()
      this.#pending.delete(keyOf(socket))
      return
    }
  }

  /** Strangers make refusals: what is too much is only counted. */
  #refuse(address: string, why: string): void {
    const now = Date.now()
    if (now - this.#refusalsSince >= refusalPeriodMs) {
      this.#refusalsSince = now
      this.#refusals = 0
    }
    if (this.#refusals === mostRefusals) {
      this.#untold += 1
      return
    }
    this.#refusals += 1
    const more = this.#untold === 0 ? '' : ` (and ${this.#untold} more before, not told one by one)`
    this.#untold = 0
    this.#listener.refused(address, why + more)
  }
}

function addressOf({ remoteAddress = '' }: Socket): string {
  return remoteAddress.replace(/^::ffff:(?=\d+\.)/, '')
}

function keyOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`
}
