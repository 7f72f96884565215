import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { errorToWire } from '../wire/error-wire.js'
import type { Assignment } from '../wire/messages.js'
import type { Beginning } from './dedicated.js'
import { post } from './port.js'
import { taskOf } from './run.js'

type UdpAssignment = Extract<Assignment, { kind: 'udp' }>

/** How long datagrams that are dropped are counted before that is told. */
const droppedMs = 100

interface Datagram {
  readonly bytes: Buffer
  readonly from: RemoteInfo
}

/** Runs a task for every datagram, one after the other, until it is told to end. */
export async function runDatagrams(assignment: UdpAssignment, beginning: Beginning): Promise<void> {
  const { signal } = beginning
  const socket = await bind(assignment, signal)
  post({ kind: 'begun', port: socket.address().port })
  post({ kind: 'running' })
  await new DatagramRuns(assignment, beginning, socket).ended
}

async function bind({ address }: UdpAssignment, signal: AbortSignal): Promise<Socket> {
  const socket = createSocket(address.isV6 ? 'udp6' : 'udp4')
  try {
    const listening = once(socket, 'listening', { signal })
    socket.bind(address.port, address.host)
    await listening
    return socket
  } catch (error) {
    socket.close()
    throw error
  }
}

class DatagramRuns {
  /** When told to end and the last run is over; rejects with an error of the socket. */
  readonly ended: Promise<void>
  readonly #assignment: UdpAssignment
  readonly #beginning: Beginning
  readonly #queue: Datagram[] = []
  /** Told now and then, since there may be very many. */
  #dropped = 0
  #timer: NodeJS.Timeout | undefined
  #isRunning = false
  #settled: () => void = () => undefined

  constructor(assignment: UdpAssignment, beginning: Beginning, socket: Socket) {
    this.#assignment = assignment
    this.#beginning = beginning
    socket.on('message', (bytes, from) => this.#add({ bytes, from }))
    this.ended = new Promise((resolve, reject) => {
      this.#settled = resolve
      socket.once('error', reject)
    })
    beginning.signal.addEventListener('abort', () => {
      socket.close()
      this.#queue.length = 0
      this.#tellDropped()
      if (!this.#isRunning) this.#settled()
    })
  }

  #add(datagram: Datagram): void {
    if (this.#queue.length >= this.#assignment.address.maxQueued) {
      this.#dropped += 1
      this.#timer ??= setTimeout(() => this.#tellDropped(), droppedMs)
      return
    }
    this.#queue.push(datagram)
    if (!this.#isRunning) void this.#runAll()
  }

  #tellDropped(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (this.#dropped > 0) post({ kind: 'dropped', count: this.#dropped })
    this.#dropped = 0
  }

  async #runAll(): Promise<void> {
    this.#isRunning = true
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
      await this.#run(next)
    }
    this.#isRunning = false
    if (this.#beginning.signal.aborted) this.#settled()
  }

  async #run({ bytes, from }: Datagram): Promise<void> {
    const { name, index, address } = this.#assignment
    const { run, node, signal } = this.#beginning
    const datagram = { bytes, address: from.address, port: from.port }
    const task = taskOf({ name, index, data: bytes.toString(), signal, datagram }, node)
    const start = performance.now()
    let error: ReturnType<typeof errorToWire> | undefined
    try {
      await run(address.text, task)
    } catch (thrown) {
      error = errorToWire(thrown)
    }
    post({ kind: 'datagram', ms: performance.now() - start, error })
  }
}
