import { MeterColumn } from './contract.js'

/** What has gone over a channel, or over several: not what their handshakes took. */
export interface Traffic {
  /** Frames: one for each message, signal, request and answer; ticks are none. */
  readonly framesIn: number
  /** Those that are written to the socket. */
  readonly framesOut: number
  /** Bytes of frames and ticks, with their lengths. */
  readonly bytesIn: number
  readonly bytesOut: number
  readonly ticksIn: number
  readonly ticksOut: number
}

/** What one channel has counted so far. */
export interface ChannelCounts extends Traffic {
  /** Bytes that wait for the socket now. */
  readonly unwritten: number
}

/** `columns` as `MeterColumn` names them. */
export function countsOf(columns: ArrayLike<number>): ChannelCounts {
  const of = (column: number) => columns[column] ?? 0
  return {
    framesIn: of(MeterColumn.FramesIn),
    framesOut: of(MeterColumn.FramesOut),
    bytesIn: of(MeterColumn.BytesIn),
    bytesOut: of(MeterColumn.BytesOut),
    ticksIn: of(MeterColumn.TicksIn),
    ticksOut: of(MeterColumn.TicksOut),
    unwritten: of(MeterColumn.Unwritten),
  }
}

export const noTraffic: Traffic = {
  framesIn: 0,
  framesOut: 0,
  bytesIn: 0,
  bytesOut: 0,
  ticksIn: 0,
  ticksOut: 0,
}

export function addTraffic(one: Traffic, other: Traffic): Traffic {
  return {
    framesIn: one.framesIn + other.framesIn,
    framesOut: one.framesOut + other.framesOut,
    bytesIn: one.bytesIn + other.bytesIn,
    bytesOut: one.bytesOut + other.bytesOut,
    ticksIn: one.ticksIn + other.ticksIn,
    ticksOut: one.ticksOut + other.ticksOut,
  }
}
