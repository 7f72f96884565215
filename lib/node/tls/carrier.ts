import type { TLSSocket } from 'node:tls'
import { readCertificate } from '../access/certificate.js'
import { addressText } from '../address-text.js'
import { closeEnd, Joint } from '../transport.js'
import { chainFault } from './chain.js'
import { dialled } from './dialled.js'
import { Door } from './door.js'
import { dialFault, type TlsError } from './faults.js'
import type { Assignment, Down, Fault, Up } from './messages.js'

/** A stream as the thread has it. */
interface Stream {
  readonly socket: TLSSocket
  /** Of a dial: what its errors are told with. */
  readonly explain: (error: TlsError) => Fault
  fault: Fault | undefined
  isJoined: boolean
}

/** What the thread of TLS does: sockets with TLS on one side, ends of the reactor on the other. */
export class Carrier {
  readonly #assignment: Assignment
  readonly #tell: (message: Up) => void
  readonly #streams = new Map<number, Stream>()
  #door: Door | undefined
  #lastCalled = 0

  constructor(assignment: Assignment, tell: (message: Up) => void) {
    this.#assignment = assignment
    this.#tell = tell
  }

  received(message: Down): void {
    switch (message.kind) {
      case 'listen':
        void this.#listen(message.address, message.port)
        break
      case 'open':
        this.#open(message)
        break
      case 'join':
        this.#join(message.stream, message.end)
        break
      case 'end':
        this.#end(message.stream)
        break
    }
  }

  async #listen(address: string, port: number): Promise<void> {
    const { choice, handshakeTimeoutMs } = this.#assignment
    try {
      if (choice.server === undefined) throw new Error('there is no certificate to show')
      this.#door = new Door(choice.server, handshakeTimeoutMs, {
        came: (socket, from) => this.#called(socket, from),
        refused: (from, why, count) => this.#tell({ kind: 'refused', address: from, why, count }),
      })
      this.#tell({ kind: 'listening', port: await this.#door.listen(address, port) })
    } catch (error) {
      this.#tell({ kind: 'listenFailed', message: (error as Error).message })
    }
  }

  #called(socket: TLSSocket, address: string): void {
    this.#lastCalled -= 1
    const id = this.#lastCalled
    this.#add(id, socket, ({ message }) => ({ code: 'ERR_ERL_NOCONNECTION', message }))
    // Without verification it says nothing.
    const certificate = socket.authorized ? readCertificate(socket.getPeerCertificate()) : undefined
    this.#tell({ kind: 'called', stream: id, address, certificate })
  }

  #open({ stream: id, peer, address, port }: Down & { kind: 'open' }): void {
    const { client } = this.#assignment.choice
    const where = addressText(address, port)
    const socket = dialled(client, peer, address, port)
    let isAgreed = false
    const stream = this.#add(id, socket, (error) => dialFault(error, peer, where, isAgreed))
    socket.once('secureConnect', () => {
      isAgreed = true
      const why = client.verifies ? chainFault(socket, client.depth) : undefined
      if (why === undefined) {
        this.#tell({ kind: 'opened', stream: id })
        return
      }
      const message = `the certificate of ${peer} is not trusted: ${why}`
      stream.fault = { code: 'ERR_ERL_AUTH', message }
      socket.destroy()
    })
  }

  #add(id: number, socket: TLSSocket, explain: Stream['explain']): Stream {
    const stream: Stream = { socket, explain, fault: undefined, isJoined: false }
    this.#streams.set(id, stream)
    socket.on('error', (error: TlsError) => {
      stream.fault ??= explain(error)
    })
    socket.once('close', () => {
      if (!stream.isJoined) this.#ended(id)
    })
    return stream
  }

  #join(id: number, end: number): void {
    const stream = this.#streams.get(id)
    if (stream === undefined) {
      closeEnd(end)
    } else {
      stream.isJoined = true
      this.#door?.admitted(stream.socket)
      new Joint(end, stream.socket, () => this.#ended(id))
    }
    this.#tell({ kind: 'joined', stream: id })
  }

  #end(id: number): void {
    const stream = this.#streams.get(id)
    if (stream === undefined) return
    stream.socket.destroy()
    this.#ended(id)
  }

  #ended(id: number): void {
    const stream = this.#streams.get(id)
    if (stream === undefined) return
    this.#streams.delete(id)
    this.#tell({ kind: 'ended', stream: id, fault: stream.fault })
  }
}
