import type { ResolvedNodeOptions } from '../options.js'
import { TlsStreams } from '../tls/tls-streams.js'
import { DuplexStreams } from './duplex-streams.js'
import type { Streams, StreamsListener } from './streams.js'

/** What carries the connections of a node in place of TCP; undefined for TCP itself. */
export function streamsOf(
  { tls, transport, name, handshakeTimeoutMs }: ResolvedNodeOptions,
  listener: StreamsListener,
): Streams | undefined {
  if (transport !== undefined) return new DuplexStreams(transport)
  if (tls === undefined) return undefined
  return new TlsStreams({ choice: tls, handshakeTimeoutMs }, name.full, listener)
}
