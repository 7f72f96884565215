import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { deferred, withDeadline } from '../waiting.js'

/** What came in: a request line or a status line, the headers, the whole text. */
export interface SipMessage {
  readonly line: string
  readonly text: string
  header(name: string): string | undefined
}

/** A UDP socket on loopback that speaks enough SIP to ask, and to be asked. */
export class SipSocket {
  readonly port: number
  readonly #socket: Socket
  readonly #waiting = new Map<string, (message: SipMessage) => void>()
  /** Answers requests: status lines without the version. Without it they are ignored. */
  onRequest: ((request: SipMessage) => string | readonly string[] | undefined) | undefined
  #calls = 0

  private constructor(socket: Socket) {
    this.#socket = socket
    this.port = socket.address().port
    socket.on('message', (bytes, from) => this.#arrived(parse(bytes.toString()), from))
  }

  static async open(): Promise<SipSocket> {
    const socket = createSocket('udp4').bind(0, '127.0.0.1')
    await once(socket, 'listening')
    return new SipSocket(socket)
  }

  /** Sends a request and waits for its final reply. */
  request(
    proxyPort: number,
    method: string,
    user: string,
    headers: readonly string[] = [],
  ): Promise<SipMessage> {
    this.#calls += 1
    const callId = `call-${this.port}-${this.#calls}`
    const { promise, resolve } = deferred<SipMessage>()
    this.#waiting.set(callId, resolve)
    const text = [
      `${method} sip:${user}@127.0.0.1:${proxyPort} SIP/2.0`,
      `Via: SIP/2.0/UDP 127.0.0.1:${this.port};rport;branch=z9hG4bK-${callId}`,
      `From: "Alice" <sip:alice@127.0.0.1>;tag=from-${this.#calls}`,
      `To: <sip:${user}@127.0.0.1>`,
      `Call-ID: ${callId}`,
      `CSeq: 7 ${method}`,
      `Contact: <sip:alice@127.0.0.1:${this.port}>`,
      'Max-Forwards: 70',
      'User-Agent: beamlink-test',
      ...headers,
      'Content-Length: 0',
      '',
      '',
    ].join('\r\n')
    this.#socket.send(text, proxyPort, '127.0.0.1')
    return withDeadline(promise, `a reply to ${method} ${user}`).finally(() =>
      this.#waiting.delete(callId),
    )
  }

  async close(): Promise<void> {
    const closed = once(this.#socket, 'close')
    this.#socket.close()
    await closed
  }

  #arrived(message: SipMessage, from: RemoteInfo): void {
    if (!message.line.startsWith('SIP/2.0 ')) {
      for (const status of [this.onRequest?.(message) ?? []].flat()) {
        this.#socket.send(replyTo(message, status), from.port, from.address)
      }
    } else if (!message.line.startsWith('SIP/2.0 1')) {
      this.#waiting.get(message.header('Call-ID') ?? '')?.(message)
    }
  }
}

function parse(text: string): SipMessage {
  const [line = ''] = text.split('\r\n')
  return {
    line,
    text,
    header: (name) => new RegExp(`^${name}: *(.*)$`, 'im').exec(text)?.[1]?.trim(),
  }
}

function replyTo(request: SipMessage, status: string): string {
  const copied = request.text
    .split('\r\n')
    .filter((line) => /^(Via|From|Call-ID|CSeq|Record-Route):/i.test(line))
  const to = `To: ${request.header('To')};tag=answered`
  return [`SIP/2.0 ${status}`, ...copied, to, 'Content-Length: 0', '', ''].join('\r\n')
}
