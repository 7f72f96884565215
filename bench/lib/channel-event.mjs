/** An event as FreeSWITCH's mod_erlang_event sends it: an id and 60 headers, all text. */
import { hex, random, uuid } from './random.mjs'
import { atom, binary, List, tuple } from './term.mjs'

const HEADERS = `
  Event-Name Core-UUID FreeSWITCH-Hostname FreeSWITCH-Switchname FreeSWITCH-IPv4 FreeSWITCH-IPv6
  Event-Date-Local Event-Date-GMT Event-Date-Timestamp Event-Calling-File Event-Calling-Function
  Event-Calling-Line-Number Event-Sequence Channel-State Channel-Call-State Channel-State-Number
  Channel-Name Unique-ID Call-Direction Presence-Call-Direction Channel-HIT-Dialplan
  Channel-Presence-ID Channel-Call-UUID Answer-State Channel-Read-Codec-Name
  Channel-Read-Codec-Rate Channel-Read-Codec-Bit-Rate Channel-Write-Codec-Name
  Channel-Write-Codec-Rate Channel-Write-Codec-Bit-Rate Caller-Direction Caller-Logical-Direction
  Caller-Username Caller-Dialplan Caller-Caller-ID-Name Caller-Caller-ID-Number
  Caller-Orig-Caller-ID-Name Caller-Orig-Caller-ID-Number Caller-Network-Addr Caller-ANI
  Caller-Destination-Number Caller-Unique-ID Caller-Source Caller-Context Caller-Channel-Name
  Caller-Profile-Index Caller-Profile-Created-Time Caller-Channel-Created-Time
  Caller-Channel-Answered-Time Caller-Channel-Progress-Time Caller-Channel-Hangup-Time
  Caller-Screen-Bit Caller-Privacy-Hide-Name Caller-Privacy-Hide-Number variable_direction
  variable_uuid variable_session_id variable_sip_from_user variable_sip_call_id
  variable_endpoint_disposition
`
  .trim()
  .split(/\s+/)

function headerValue(name, index, next) {
  if (name === 'Event-Name') return 'CHANNEL_ANSWER'
  if (/UUID|Unique|uuid|call_id/.test(name)) return uuid(next)
  if (/Date|Time|Timestamp/.test(name)) return String(17e14 + Math.floor(next() * 1e9))
  if (/Number|Line|Rate|Index|State-N/.test(name)) return String(Math.floor(next() * 100000))
  if (/Name|Channel|Host/.test(name)) return `sofia/internal/10${index}@10.0.0.${index}`
  return `value-${hex(next, 6)}`
}

export function channelEvent() {
  const next = random(2)
  const id = binary(uuid(next))
  const headers = HEADERS.map((name, index) =>
    tuple(binary(name), binary(headerValue(name, index, next))),
  )
  return tuple(atom('event'), new List([id, ...headers]))
}
