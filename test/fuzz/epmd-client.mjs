/**
 * Hostile answers to our questions to epmd, cut anywhere. Every question settles once its connection
 * has ended, with a value of the promised shape or an error of the promised kind.
 *
 *   input := question:8 step*
 *   step  := length:8 byte{length}    arrives (length < 250)
 *          | 250 | 251 | 252          the end, an error, a close
 */
import net from 'node:net'
import {
  portPlease,
  registerAlive,
  registeredNames,
} from '../../build-fuzz/lib/node/epmd/client.js'
import { NodeType } from '../../build-fuzz/lib/node/epmd/protocol.js'
import { Input, require } from './engine/input.mjs'
import { LooseSocket } from './engine/loose-socket.mjs'

export const covers = (url) => /\/lib\/node\/epmd\/(client|protocol)\.js$/.test(url)
export const words = [
  Buffer.from([121, 0, 0, 3]),
  Buffer.from([118, 0, 0, 0, 0, 4]),
  Buffer.from([121, 1, 0, 3]),
  Buffer.from([119, 1]),
  Buffer.from([119, 0, 18, 103, 77, 0, 0, 6, 0, 5, 0, 1, 97, 0, 0]),
  Buffer.from([0, 0, 17, 17]),
  Buffer.from('name shop at port 4711\n'),
  Buffer.from(' at port 99999999999\n'),
]

const epmd = { host: '127.0.0.1', port: 4369, timeoutMs: 60_000 }
const codes = new Set(['ERR_ERL_NO_EPMD', 'ERR_ERL_NODE_NOT_FOUND', 'ERR_ERL_NAME_IN_USE'])

const isPort = (port) => Number.isInteger(port) && port >= 0 && port <= 65_535

const questions = [
  async () => {
    const port = await portPlease(epmd, 'shop')
    require(isPort(port), `no port: ${port}`)
    return 'port'
  },
  async () => {
    const found = await registeredNames(epmd)
    for (const { alive, port } of found) {
      require(typeof alive === 'string' && alive !== '', 'a node without a name')
      require(isPort(port), `no port: ${port}`)
    }
    return `${Math.min(found.length, 4)} names`
  },
  async (socket) => {
    const held = await registerAlive(epmd, 'shop', 4711, NodeType.Hidden)
    require(held === socket &&
      socket.listenerCount('data') === 0, 'the connection is not handed on')
    return 'registered'
  },
]

function play(input, socket) {
  while (!input.isEmpty && !socket.destroyed) {
    const step = input.byte()
    if (step === 250) socket.hangUp()
    else if (step === 251) socket.breakOff()
    else if (step === 252) socket.destroy().settle()
    else socket.receive(input.bytes(step))
  }
  socket.hangUp()
}

async function outcomeOf(asked) {
  try {
    return await asked
  } catch (error) {
    require(codes.has(error.code), `an error of another kind: ${error.stack}`)
    return error.message
  }
}

export async function fuzz(bytes) {
  const input = new Input(bytes)
  const socket = new LooseSocket()
  net.connect = () => socket
  let outcome
  const asked = questions[input.byte() % questions.length](socket)
  const told = outcomeOf(asked).then((text) => {
    outcome = text
  })
  play(input, socket)
  // A few turns of the microtasks settle all that can be settled.
  for (let turn = 0; turn < 20 && outcome === undefined; turn += 1) await undefined
  require(outcome !== undefined, 'the connection has ended and the question is still open')
  await told
  return outcome
}
