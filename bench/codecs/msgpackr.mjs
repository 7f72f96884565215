/** Yardstick, not ETF: standard MessagePack maps, no record extension. */
import { peerInstalled, requirePeer } from '../lib/context.mjs'
import { plainOrBytes } from '../lib/term.mjs'

export const isEtf = false
export const available = () => peerInstalled('msgpackr')

export function load() {
  const { Packr, isNativeAccelerationEnabled } = requirePeer('msgpackr')
  const packr = new Packr({ useRecords: false })
  return {
    note: `native acceleration: ${isNativeAccelerationEnabled}`,
    native: plainOrBytes,
    bytes: (term) => packr.pack(plainOrBytes(term)),
    encode: (value) => packr.pack(value),
    decode: (bytes) => packr.unpack(bytes),
    plain: (value) => (Buffer.isBuffer(value) ? value.toString() : value),
  }
}
