import type { Readable } from 'node:stream'

/** Calls `packet` for each of `stream`'s packets: a 4-byte big-endian length and so many bytes. */
export function readPackets(stream: Readable, packet: (bytes: Buffer) => void): void {
  let kept: Buffer = Buffer.alloc(0)
  stream.on('data', (bytes: Buffer) => {
    kept = kept.length === 0 ? bytes : Buffer.concat([kept, bytes])
    while (kept.length >= 4 && kept.length >= 4 + kept.readUInt32BE(0)) {
      const end = 4 + kept.readUInt32BE(0)
      packet(kept.subarray(4, end))
      kept = kept.subarray(end)
    }
  })
}

export function asPacket(parts: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(parts)
  const length = Buffer.alloc(4)
  length.writeUInt32BE(body.length)
  return Buffer.concat([length, body])
}
