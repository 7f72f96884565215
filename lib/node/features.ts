/** Bits of the distribution flags that decide what is sent to a peer. */
const distMonitor = 0x8
const distMonitorName = 0x20
const unlinkId = 0x2000000
const spawn = 2 ** 32
const alias = 2 ** 35

/** What both sides of a channel can do: the negotiated flags, read once. */
export interface Features {
  /** MONITOR_P may be sent. C nodes close the connection on it. */
  readonly monitors: boolean
  /** UNLINK_ID is acknowledged; older peers know UNLINK only, which is not. */
  readonly unlinkIds: boolean
  /** SPAWN_REQUEST may be sent. */
  readonly spawns: boolean
  /** The peer answers to aliases of ours. */
  readonly aliases: boolean
}

/** `flags` has up to 53 bits; those above 32 are out of reach of the bit operators. */
export function readFeatures(flags: number): Features {
  const has = (flag: number) => Math.floor(flags / flag) % 2 === 1
  return {
    monitors: has(distMonitor) && has(distMonitorName),
    unlinkIds: has(unlinkId),
    spawns: has(spawn),
    aliases: has(alias),
  }
}

export const allFeatures: Features = {
  monitors: true,
  unlinkIds: true,
  spawns: true,
  aliases: true,
}
export const noFeatures: Features = {
  monitors: false,
  unlinkIds: false,
  spawns: false,
  aliases: false,
}
