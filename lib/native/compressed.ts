import { ErlangError } from '../errors.js'

const versionByte = 131
const compressedTag = 80
const headerBytes = 6
const largestBytes = 128 * 1024 * 1024
/** No zlib stream inflates further: a larger size is a lie, seen before memory is spent on it. */
const largestRatio = 1032

export function isCompressed(bytes: Uint8Array): boolean {
  return bytes[1] === compressedTag && bytes[0] === versionByte
}

/**
 * Inflates a compressed term.
 *
 * Shape:  131, 80, size of the inflated term as 32 bits big-endian, zlib stream
 * Gives:  131, inflated term
 * Errors: ERR_ERL_DECODE for a size beyond the limits, a broken stream, or one of another size.
 */
export function inflateTerm(given: Buffer): Buffer {
  // What another thread may change is checked and inflated as it was once.
  const bytes = given.buffer instanceof SharedArrayBuffer ? Buffer.from(given) : given
  if (bytes.length < headerBytes) throw refused('the size is cut off')
  const size = bytes.readUInt32BE(2)
  const stream = bytes.subarray(headerBytes)
  if (size > largestBytes) throw refused(`${size} bytes are above the limit of ${largestBytes}`)
  if (size > stream.length * largestRatio) {
    throw refused(`${stream.length} bytes cannot inflate to ${size}`)
  }
  const inflated = inflate(stream, size)
  if (inflated.length !== size)
    throw refused(`${inflated.length} bytes where ${size} were declared`)
  return Buffer.concat([Buffer.of(versionByte), inflated])
}

function inflate(stream: Buffer, size: number): Buffer {
  // Loaded by those few who need it: it takes 1.6 MiB.
  const { inflateSync } = process.getBuiltinModule('node:zlib')
  try {
    return inflateSync(stream, { maxOutputLength: Math.max(size, 1) })
  } catch (error) {
    throw refused(error instanceof Error ? error.message : String(error), error)
  }
}

function refused(reason: string, cause?: unknown): ErlangError {
  return new ErlangError('ERR_ERL_DECODE', `the compressed term is broken: ${reason}`, { cause })
}
