/** The frames of c/frames.h for Node: both ends of the plain TCP floor. */
const HEAD_BYTES = 5
/** Larger bodies are not copied into one piece with their head. */
const GATHER_BYTES = 4096

export const Operation = { Echo: 101, Sink: 115, Done: 100, Source: 113 }

function headOf(operation, body) {
  const head = Buffer.allocUnsafe(HEAD_BYTES)
  head.writeUInt32BE(body.length + 1, 0)
  head[4] = operation
  return head
}

/** Calls `onFrame(operation, body)` per frame; bodies are views of the socket's chunk or of a join. */
export function frameReader(onFrame) {
  let held = []
  let heldBytes = 0
  let needed = 0

  function joined(chunk) {
    if (heldBytes === 0) return chunk
    held.push(chunk)
    heldBytes += chunk.length
    if (heldBytes < needed) return undefined
    const bytes = Buffer.concat(held, heldBytes)
    held = []
    heldBytes = 0
    return bytes
  }

  function hold(rest) {
    held = [rest]
    heldBytes = rest.length
    needed = rest.length >= 4 ? 4 + rest.readUInt32BE(0) : HEAD_BYTES
  }

  return (chunk) => {
    const bytes = joined(chunk)
    if (bytes === undefined) return
    let at = 0
    while (bytes.length - at >= HEAD_BYTES) {
      const end = at + 4 + bytes.readUInt32BE(at)
      if (end > bytes.length) break
      onFrame(bytes[at + 4], bytes.subarray(at + HEAD_BYTES, end))
      at = end
    }
    if (at < bytes.length) hold(bytes.subarray(at))
  }
}

/** Gathers the frames of one turn of the event loop into one write. */
export function frameWriter(socket) {
  let corked = false

  function cork() {
    if (corked) return
    corked = true
    socket.cork()
    process.nextTick(() => {
      corked = false
      socket.uncork()
    })
  }

  return (operation, body) => {
    cork()
    const head = headOf(operation, body)
    if (body.length < GATHER_BYTES) return socket.write(Buffer.concat([head, body]))
    socket.write(head)
    return socket.write(body)
  }
}
