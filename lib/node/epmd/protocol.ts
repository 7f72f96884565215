/**
 * What epmd and its clients say to each other. Integers are big-endian.
 *
 *   request     := length:16 body
 *   body        := 120 port:16 type:8 protocol:8 highest:16 lowest:16 text extra      ALIVE2_REQ
 *                | 122 name                                                           PORT_PLEASE2_REQ
 *                | 110                                                                NAMES_REQ
 *                | 100                                                                DUMP_REQ
 *   text, extra := length:16 byte{length}
 *   answers     := 118 result:8 creation:32                                           ALIVE2_X_RESP
 *                | 121 result:8 creation:16                                           ALIVE2_RESP
 *                | 119 result:8 [port:16 type:8 protocol:8 highest:16 lowest:16 text extra]
 *                | epmdPort:32 byte{…}                                                to 110 and 100
 *
 * The registration lasts as long as the connection that made it.
 * Source: OTP's erl_dist_protocol, "EPMD Protocol".
 */
export const EpmdTag = {
  Alive2Request: 120,
  PortPlease2Request: 122,
  NamesRequest: 110,
  DumpRequest: 100,
  KillRequest: 107,
  Alive2XResponse: 118,
  Alive2Response: 121,
  Port2Response: 119,
} as const

export const NodeType = { Hidden: 72, Visible: 77 } as const
export type NodeType = (typeof NodeType)[keyof typeof NodeType]

/** Distribution versions of OTP 23 and later; the one before is not spoken any more. */
export const distributionVersion = { highest: 6, lowest: 5 } as const

export interface EpmdEntry {
  readonly alive: string
  readonly port: number
  readonly type: number
  readonly highest: number
  readonly lowest: number
  readonly extra: Buffer
}

function withLength(body: Buffer): Buffer {
  const length = Buffer.alloc(2)
  length.writeUInt16BE(body.length)
  return Buffer.concat([length, body])
}

/** `port:16 type:8 protocol:8 highest:16 lowest:16 text extra` */
function writeEntry(entry: EpmdEntry): Buffer {
  const alive = Buffer.from(entry.alive)
  const head = Buffer.alloc(10)
  head.writeUInt16BE(entry.port, 0)
  head.writeUInt8(entry.type, 2)
  head.writeUInt8(0, 3) // TCP over IPv4 or IPv6
  head.writeUInt16BE(entry.highest, 4)
  head.writeUInt16BE(entry.lowest, 6)
  head.writeUInt16BE(alive.length, 8)
  return Buffer.concat([head, alive, withLength(entry.extra)])
}

/** The entry at `at`, or undefined while it is not there whole. */
function readEntry(bytes: Buffer, at: number): EpmdEntry | undefined {
  if (bytes.length < at + 12) return undefined
  const nameAt = at + 10
  const extraAt = nameAt + bytes.readUInt16BE(at + 8) + 2
  if (bytes.length < extraAt) return undefined
  const end = extraAt + bytes.readUInt16BE(extraAt - 2)
  if (bytes.length < end) return undefined
  return {
    alive: bytes.toString('utf8', nameAt, extraAt - 2),
    port: bytes.readUInt16BE(at),
    type: bytes.readUInt8(at + 2),
    highest: bytes.readUInt16BE(at + 4),
    lowest: bytes.readUInt16BE(at + 6),
    extra: bytes.subarray(extraAt, end),
  }
}

export function alive2Request(alive: string, port: number, type: NodeType): Buffer {
  const entry = writeEntry({ alive, port, type, ...distributionVersion, extra: Buffer.alloc(0) })
  return withLength(Buffer.concat([Buffer.of(EpmdTag.Alive2Request), entry]))
}

export function portPlease2Request(alive: string): Buffer {
  return withLength(Buffer.concat([Buffer.of(EpmdTag.PortPlease2Request), Buffer.from(alive)]))
}

export function namesRequest(): Buffer {
  return withLength(Buffer.of(EpmdTag.NamesRequest))
}

/**
 * The body of an ALIVE2_REQ, or undefined when it is malformed, or its name would be read as
 * something else in the answer to NAMES_REQ, which is text in lines.
 */
export function readAlive2Request(body: Buffer): EpmdEntry | undefined {
  const entry = readEntry(body, 1)
  if (entry === undefined || !namePattern.test(entry.alive)) return undefined
  // What is no UTF-8 reads as replacement characters: two names would be one.
  return Buffer.from(entry.alive).equals(body.subarray(11, 11 + body.readUInt16BE(9)))
    ? entry
    : undefined
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what a name must not have
const namePattern = /^[^\u0000-\u001f\u007f]+$/u

export function alive2Response(entry: EpmdEntry, isFree: boolean, creation: number): Buffer {
  const extended = entry.highest >= distributionVersion.highest
  const answer = Buffer.alloc(extended ? 6 : 4)
  answer.writeUInt8(extended ? EpmdTag.Alive2XResponse : EpmdTag.Alive2Response, 0)
  answer.writeUInt8(isFree ? 0 : 1, 1)
  if (extended) answer.writeUInt32BE(creation, 2)
  else answer.writeUInt16BE((creation % 3) + 1, 2)
  return answer
}

/** What an answer means; undefined while it is not there whole. */
export function readAlive2Response(bytes: Buffer): 'registered' | 'taken' | 'strange' | undefined {
  const [tag, result] = bytes
  const length = tag === EpmdTag.Alive2XResponse ? 6 : tag === EpmdTag.Alive2Response ? 4 : 0
  if (length === 0) return bytes.length === 0 ? undefined : 'strange'
  if (bytes.length < length) return undefined
  return result === 0 ? 'registered' : 'taken'
}

export function port2Response(entry: EpmdEntry | undefined): Buffer {
  if (entry === undefined) return Buffer.of(EpmdTag.Port2Response, 1)
  return Buffer.concat([Buffer.of(EpmdTag.Port2Response, 0), writeEntry(entry)])
}

/** What an answer means; undefined while it is not there whole. */
export function readPort2Response(bytes: Buffer): EpmdEntry | 'unknown' | 'strange' | undefined {
  const [tag, result] = bytes
  if (tag !== undefined && tag !== EpmdTag.Port2Response) return 'strange'
  if (result === undefined) return undefined
  return result === 0 ? readEntry(bytes, 2) : 'unknown'
}

export function namesResponse(epmdPort: number, entries: Iterable<EpmdEntry>): Buffer {
  const head = Buffer.alloc(4)
  head.writeUInt32BE(epmdPort)
  let lines = ''
  for (const { alive, port } of entries) lines += `name ${alive} at port ${port}\n`
  return Buffer.concat([head, Buffer.from(lines)])
}

/** The whole answer to NAMES_REQ, which ends with the connection; undefined when it is none. */
export function readNamesResponse(bytes: Buffer): { alive: string; port: number }[] | undefined {
  if (bytes.length < 4 || bytes.readUInt16BE(0) !== 0) return undefined
  // An epmd takes names with other characters that end a line, and they are told as they are.
  const lines = bytes.toString('utf8', 4).split('\n')
  if (lines.pop() !== '') return undefined
  const entries = []
  for (const line of lines) {
    const [, alive, digits] = nameLine.exec(line) ?? []
    const port = Number(digits)
    if (alive === undefined || port > 65_535) return undefined
    entries.push({ alive, port })
  }
  return entries
}

const nameLine = /^name (.+) at port (\d{1,5})$/s
