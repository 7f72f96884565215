import type { AddressInfo, Socket } from 'node:net'
import { createServer, type Server, type TLSSocket } from 'node:tls'
import { chainFault } from './chain.js'
import type { ServerSide } from './choice.js'
import { contextOptions } from './context.js'
import { distrust, refusalOf, type TlsError } from './faults.js'
import { Refusals, type TellRefusal } from './refusals.js'

/** Connections of which nothing more is known than their address: the reactor has as many. */
const mostPending = 256

export interface DoorListener {
  /** TLS is agreed and the peer trusted. Until `admitted` the socket counts as pending. */
  came(socket: TLSSocket, address: string): void
  readonly refused: TellRefusal
}

/** Where peers call: a listening socket, and the connections on it that have not agreed on TLS yet. */
export class Door {
  readonly #side: ServerSide
  readonly #server: Server
  readonly #listener: DoorListener
  /** By their address and port there, oldest first. */
  readonly #pending = new Map<string, { readonly socket: Socket; readonly address: string }>()
  readonly #refusals: Refusals

  constructor(side: ServerSide, handshakeTimeoutMs: number, listener: DoorListener) {
    this.#side = side
    this.#listener = listener
    this.#refusals = new Refusals(listener.refused)
    this.#server = createServer(
      {
        ...contextOptions(side),
        honorCipherOrder: side.honorCipherOrder,
        requestCert: side.verifies,
        // It would turn peers away without telling us who they were: `#objection` does that.
        rejectUnauthorized: false,
        handshakeTimeout: Math.max(1, handshakeTimeoutMs),
        noDelay: true,
      },
      (socket) => this.#agreed(socket),
    )
    this.#server.on('connection', (socket: Socket) => this.#arrived(socket))
    this.#server.on('tlsClientError', (error: TlsError, socket: TLSSocket) => {
      // Of one that has closed by itself, or that we have given up, there is nothing to tell.
      if (socket.remoteAddress === undefined) return
      this.#refusals.add(addressOf(socket), refusalOf(error))
      socket.destroy()
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
    this.#refusals.add(addressOf(socket), why)
    socket.destroy()
  }

  #objection(socket: TLSSocket): string | undefined {
    const { verifies, requiresCertificate, depth } = this.#side
    if (!verifies) return undefined
    const hasCertificate = Object.keys(socket.getPeerCertificate() ?? {}).length > 0
    if (!hasCertificate) return requiresCertificate ? 'it showed no certificate' : undefined
    if (!socket.authorized) return this.#distrust(socket.authorizationError)
    const fault = chainFault(socket, depth)
    return fault === undefined ? undefined : `its certificate is not trusted: ${fault}`
  }

  #distrust(error: unknown): string {
    const code = error instanceof Error ? error.message : String(error)
    return `its certificate is not trusted: ${distrust(code)}`
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
      this.#refusals.add(address, 'given up for newer ones: too many connections wait')
      socket.destroy()
      this.#pending.delete(keyOf(socket))
      return
    }
  }
}

function addressOf({ remoteAddress = '' }: Socket): string {
  return remoteAddress.replace(/^::ffff:(?=\d+\.)/, '')
}

function keyOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`
}
