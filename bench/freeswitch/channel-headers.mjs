/** The headers of a channel's event that come after the ones that every event has: 60 in all. */
import { hex, random, uuid } from '../lib/random.mjs'

const NAMES = `
  Channel-State Channel-Call-State Channel-State-Number Channel-Name Unique-ID Call-Direction
  Presence-Call-Direction Channel-HIT-Dialplan Channel-Presence-ID Channel-Call-UUID Answer-State
  Channel-Read-Codec-Name Channel-Read-Codec-Rate Channel-Read-Codec-Bit-Rate
  Channel-Write-Codec-Name Channel-Write-Codec-Rate Channel-Write-Codec-Bit-Rate Caller-Direction
  Caller-Logical-Direction Caller-Username Caller-Dialplan Caller-Caller-ID-Name
  Caller-Caller-ID-Number Caller-Orig-Caller-ID-Name Caller-Orig-Caller-ID-Number
  Caller-Network-Addr Caller-ANI Caller-Destination-Number Caller-Unique-ID Caller-Source
  Caller-Context Caller-Channel-Name Caller-Profile-Index Caller-Profile-Created-Time
  Caller-Channel-Created-Time Caller-Channel-Answered-Time Caller-Screen-Bit
  Caller-Privacy-Hide-Name Caller-Privacy-Hide-Number variable_direction variable_uuid
  variable_session_id variable_sip_from_user variable_sip_call_id variable_sip_contact_host
  variable_read_codec variable_endpoint_disposition
`
  .trim()
  .split(/\s+/)

function headerValue(name, at, next) {
  if (name === 'Caller-Context') return 'default'
  if (/UUID|Unique|uuid|call_id/.test(name)) return uuid(next)
  if (/Time/.test(name)) return String(17e14 + Math.floor(next() * 1e9))
  if (/Number|Rate|Index/.test(name)) return String(Math.floor(next() * 100_000))
  if (/Name|Channel|host/.test(name)) return `sofia/internal/10${at}@10.0.0.${at}`
  return `value-${hex(next, 6)}`
}

export function channelHeaders() {
  const next = random(3)
  return NAMES.map((name, at) => [name, headerValue(name, at, next)])
}
