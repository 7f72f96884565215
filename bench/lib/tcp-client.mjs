/** A Node client of the plain TCP floor behind the interface of adapters/README.md. */
import { once } from 'node:events'
import net from 'node:net'
import { frameReader, frameWriter, Operation } from './frames.mjs'

function numbers(...values) {
  const bytes = Buffer.alloc(values.length * 4)
  for (const [index, value] of values.entries()) bytes.writeUInt32BE(value, index * 4)
  return bytes
}

export async function connectTcp(port) {
  const socket = net.connect({ port, host: '127.0.0.1', noDelay: true })
  await once(socket, 'connect')
  const write = frameWriter(socket)
  const waiting = []
  let received = 0

  const onFrame = (operation, body) => {
    if (operation === Operation.Sink) received++
    else waiting.shift()(operation === Operation.Echo ? body : body.readUInt32BE(0))
  }
  socket.on('data', frameReader(onFrame))
  const reply = () => new Promise((resolve) => waiting.push(resolve))

  return {
    echo(payload) {
      write(Operation.Echo, payload)
      return reply()
    },
    send: (payload) => (write(Operation.Sink, payload) ? undefined : once(socket, 'drain')),
    sunk() {
      write(Operation.Done, Buffer.alloc(0))
      return reply()
    },
    async source(count, size) {
      received = 0
      write(Operation.Source, numbers(count, size))
      await reply()
      return received
    },
    close: () => socket.destroy(),
  }
}
