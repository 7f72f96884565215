/** Node's end of the plain TCP floor; prints its port, ends with its stdin. */
import { once } from 'node:events'
import net from 'node:net'
import { frameReader, frameWriter, Operation } from './frames.mjs'

function number(value) {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

function serve(socket) {
  const write = frameWriter(socket)
  let sunk = 0

  async function source(count, size) {
    const body = Buffer.alloc(size, 'x')
    for (let k = 0; k < count; k++) {
      if (!write(Operation.Sink, body)) await once(socket, 'drain')
    }
    write(Operation.Done, number(count))
  }

  const handlers = {
    [Operation.Echo]: (body) => write(Operation.Echo, body),
    [Operation.Sink]: () => {
      sunk++
    },
    [Operation.Done]: () => {
      write(Operation.Done, number(sunk))
      sunk = 0
    },
    [Operation.Source]: (body) => source(body.readUInt32BE(0), body.readUInt32BE(4)),
  }
  socket.on('error', () => socket.destroy())
  socket.on(
    'data',
    frameReader((operation, body) => handlers[operation](body)),
  )
}

const server = net.createServer({ noDelay: true }, serve)
server.listen(0, '127.0.0.1', () => console.log(JSON.stringify({ port: server.address().port })))
process.stdin.on('end', () => process.exit(0)).resume()
