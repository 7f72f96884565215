/**
 * Hostile clients of our epmd, many at a time. Whatever they say, the names that it tells afterwards
 * are those that were registered by whole requests on connections that are still open.
 *
 *   input := step*
 *   step  := 0 connection length:8 byte{length}       bytes arrive
 *          | 1 connection name port:16 cut:8          a good ALIVE2_REQ, in two pieces
 *          | 2 connection | 3 connection | 4 connection    the end, an error, silence
 *          | 5 name                                   a good PORT_PLEASE2_REQ on a fresh connection
 *   (kind and connection share a byte: kind = byte % 6, connection = byte / 6 % 8)
 */
import { createServer } from 'node:net'
import {
  alive2Request,
  NodeType,
  namesRequest,
  portPlease2Request,
  readAlive2Response,
  readNamesResponse,
  readPort2Response,
} from '../../build-fuzz/lib/node/epmd/protocol.js'
import { EpmdServer } from '../../build-fuzz/lib/node/epmd/server.js'
import { Input, require } from './engine/input.mjs'
import { LooseSocket } from './engine/loose-socket.mjs'

const epmdPort = 4369
const names = [
  'a',
  'shop',
  'shop@host',
  'büro',
  'x'.repeat(255),
  'name a at port 1',
  'a at port 1\nname b',
  '',
]

export const covers = (url) => /\/lib\/node\/epmd\/(server|protocol)\.js$/.test(url)
export const words = [
  alive2Request('shop', 4711, NodeType.Hidden),
  portPlease2Request('shop'),
  namesRequest(),
  Buffer.from([0, 1, 100]),
  Buffer.from([0, 1, 107]),
  Buffer.from([0, 2, 115, 120]),
  Buffer.from('\n'),
  Buffer.from('name a at port 1\n'),
]

/** What a connection has asked for and been answered. */
class Caller {
  socket = new LooseSocket()
  asked = Buffer.alloc(0)

  constructor(listener) {
    listener.emit('connection', this.socket)
  }

  say(bytes) {
    this.asked = Buffer.concat([this.asked, bytes])
    this.socket.receive(bytes)
  }

  /** The name that this connection holds, as its answer says. */
  get registered() {
    if (this.socket.destroyed || this.asked[2] !== 120) return undefined
    if (readAlive2Response(this.socket.written) !== 'registered') return undefined
    const nameAt = 2 + 1 + 10
    return this.asked.toString('utf8', nameAt, nameAt + this.asked.readUInt16BE(nameAt - 2))
  }

  get registeredPort() {
    return this.asked.readUInt16BE(3)
  }
}

function answerOf(listener, request) {
  const { socket } = Object.assign(new Caller(listener), { asked: request })
  socket.receive(request)
  const { written, ended } = socket
  require(ended || socket.destroyed, 'a question was answered and the connection left open')
  socket.hangUp()
  return written
}

const steps = [
  (input, caller) => caller.say(input.bytes(input.byte())),
  (input, caller) => {
    const name = names[input.byte() % names.length]
    const port = (input.byte() << 8) | input.byte()
    const request = alive2Request(name, port, NodeType.Visible)
    const cut = input.byte() % request.length
    caller.say(request.subarray(0, cut))
    caller.say(request.subarray(cut))
  },
  (_, caller) => caller.socket.hangUp(),
  (_, caller) => caller.socket.breakOff(),
  (_, caller) => caller.socket.idle(),
  (input, _, listener) => {
    const answer = readPort2Response(
      answerOf(listener, portPlease2Request(names[input.byte() % names.length])),
    )
    require(answer !== undefined && answer !== 'strange', 'a good question had no good answer')
  },
]

function checkNames(listener, callers) {
  const held = callers.filter((caller) => caller.registered !== undefined)
  const told = readNamesResponse(answerOf(listener, namesRequest()))
  require(told !== undefined, 'the names are no answer that a client understands')
  const expected = held.map((caller) => `${caller.registered} ${caller.registeredPort}`).sort()
  const found = told.map(({ alive, port }) => `${alive} ${port}`).sort()
  require(JSON.stringify(found) ===
    JSON.stringify(
      expected,
    ), `told ${JSON.stringify(found)}, registered ${JSON.stringify(expected)}`)
  for (const caller of held) {
    const entry = readPort2Response(answerOf(listener, portPlease2Request(caller.registered)))
    require(entry?.port === caller.registeredPort, 'a registered name is not found')
  }
}

export function fuzz(bytes) {
  const input = new Input(bytes)
  const listener = createServer()
  new EpmdServer(listener, epmdPort)
  const callers = Array.from({ length: 8 }, () => new Caller(listener))
  while (!input.isEmpty) {
    const byte = input.byte()
    const index = Math.floor(byte / 6) % callers.length
    if (callers[index].socket.destroyed) callers[index] = new Caller(listener)
    steps[byte % 6](input, callers[index], listener)
  }
  checkNames(listener, callers)
  const answers = callers.map(({ socket }) => `${socket.written[0]}.${socket.written[1]}`)
  const outcome = [...new Set(answers)].sort().join()
  for (const { socket } of callers) socket.hangUp()
  checkNames(listener, [])
  return outcome
}
