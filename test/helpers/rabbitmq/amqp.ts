import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { withDeadline } from '../waiting.js'

/** Classes and methods of AMQP 0-9-1 that a test needs. */
const Method = {
  startOk: [10, 11],
  tuneOk: [10, 31],
  open: [10, 40],
  openChannel: [20, 10],
  declareQueue: [50, 10],
  publish: [60, 40],
} as const

const frameEnd = 0xce
const shortText = (text: string) => Buffer.concat([Buffer.from([text.length]), Buffer.from(text)])
const longText = (text: string) => Buffer.concat([uint32(text.length), Buffer.from(text)])
const uint16 = (value: number) => Buffer.from([value >> 8, value & 0xff])
const uint32 = (value: number) => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

/**
 * The least client of AMQP 0-9-1: a connection that declares a queue and fills it, and stays.
 *
 * Source: AMQP 0-9-1 specification, 2.3.5 (frames) and 1.4 to 1.8 (methods).
 */
export class AmqpConnection {
  readonly #socket: Socket
  #received = Buffer.alloc(0)

  private constructor(socket: Socket) {
    this.#socket = socket
    // Its broker is killed by a test; who waits for an answer hears it from the deadline.
    socket.on('error', () => undefined)
    socket.on('data', (bytes) => {
      this.#received = Buffer.concat([this.#received, bytes])
    })
  }

  static async open(port: number): Promise<AmqpConnection> {
    const socket = connect(port, '127.0.0.1')
    await once(socket, 'connect')
    const connection = new AmqpConnection(socket)
    socket.write('AMQP\0\0\x09\x01')
    await connection.#answer()
    const plain = longText('\0guest\0guest')
    await connection.#ask(
      0,
      Method.startOk,
      uint32(0),
      shortText('PLAIN'),
      plain,
      shortText('en_US'),
    )
    connection.#send(0, Method.tuneOk, uint16(2_047), uint32(131_072), uint16(0))
    await connection.#ask(0, Method.open, shortText('/'), shortText(''), Buffer.from([0]))
    await connection.#ask(1, Method.openChannel, shortText(''))
    return connection
  }

  async declareQueue(name: string): Promise<void> {
    await this.#ask(1, Method.declareQueue, uint16(0), shortText(name), Buffer.from([0]), uint32(0))
  }

  /** Resolves when the broker has the message: what is asked afterwards is answered afterwards. */
  async publish(queue: string, body: string): Promise<void> {
    const [classId] = Method.publish
    this.#send(1, Method.publish, uint16(0), shortText(''), shortText(queue), Buffer.from([0]))
    const size = Buffer.concat([uint32(0), uint32(body.length)])
    this.#frame(2, 1, Buffer.concat([uint16(classId), uint16(0), size, uint16(0)]))
    this.#frame(3, 1, Buffer.from(body))
    await this.declareQueue(queue)
  }

  close(): void {
    this.#socket.destroy()
  }

  async #ask(channel: number, method: readonly number[], ...fields: Buffer[]): Promise<void> {
    this.#send(channel, method, ...fields)
    await this.#answer()
  }

  /** The next frame, whatever it says: a broker that is not content closes. */
  async #answer(): Promise<void> {
    for (;;) {
      const size = this.#received.length < 7 ? undefined : this.#received.readUInt32BE(3) + 8
      if (size !== undefined && this.#received.length >= size) {
        this.#received = this.#received.subarray(size)
        return
      }
      await withDeadline(once(this.#socket, 'data'), 'an answer of the broker')
    }
  }

  #send(channel: number, method: readonly number[], ...fields: Buffer[]): void {
    this.#frame(1, channel, Buffer.concat([...method.map(uint16), ...fields]))
  }

  #frame(kind: number, channel: number, payload: Buffer): void {
    const head = Buffer.concat([Buffer.from([kind]), uint16(channel), uint32(payload.length)])
    this.#socket.write(Buffer.concat([head, payload, Buffer.from([frameEnd])]))
  }
}
