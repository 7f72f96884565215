/**
 * SIP requests over UDP, so many under way at once: how long each took, in milliseconds.
 *
 * In place of sipp, which starts calls by a timer and not when the one before has ended: with 8 at once
 * (`-l 8`) it makes 1,700 calls per second of a Kamailio that answers by itself, of which this makes
 * 20,000, so that all answerers would look the same; and it tells times in whole milliseconds.
 */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'

const LOST_MS = 2_000

function textOf(method, user, port, own, call) {
  return [
    `${method} sip:${user}@127.0.0.1:${port} SIP/2.0`,
    `Via: SIP/2.0/UDP 127.0.0.1:${own};rport;branch=z9hG4bK-${call}`,
    'From: "Alice" <sip:alice@127.0.0.1>;tag=a',
    `To: <sip:${user}@127.0.0.1>`,
    `Call-ID: ${call}`,
    `CSeq: 1 ${method}`,
    `Contact: <sip:alice@127.0.0.1:${own}>`,
    'Max-Forwards: 70',
    'User-Agent: bench',
    'Content-Length: 0',
    '',
    '',
  ].join('\r\n')
}

/** A request without a reply, or with another than 200, ends the run. */
export async function sipLoad({ port, user, inFlight, requests }) {
  const socket = createSocket('udp4').bind(0, '127.0.0.1')
  await once(socket, 'listening')
  const own = socket.address().port
  const begun = new Map()
  const times = []
  let sent = 0
  const send = () => {
    sent += 1
    const call = `${own}-${sent}`
    begun.set(call, performance.now())
    socket.send(textOf('OPTIONS', user, port, own, call), port, '127.0.0.1')
  }
  const start = performance.now()
  await new Promise((resolve, reject) => {
    let timer
    const watch = () => {
      clearTimeout(timer)
      timer = setTimeout(() => reject(new Error('a request got no reply')), LOST_MS)
    }
    socket.on('message', (bytes) => {
      const text = bytes.toString('latin1')
      const call = /^Call-ID: *(.*)$/im.exec(text)?.[1]
      if (!begun.has(call)) return
      if (!text.startsWith('SIP/2.0 200')) reject(new Error(text.split('\r\n')[0]))
      times.push(performance.now() - begun.get(call))
      begun.delete(call)
      watch()
      if (sent < requests) send()
      else if (begun.size === 0) {
        clearTimeout(timer)
        resolve()
      }
    })
    watch()
    for (let i = 0; i < Math.min(inFlight, requests); i++) send()
  }).finally(() => socket.close())
  const elapsed = performance.now() - start
  times.sort((a, b) => a - b)
  return { perSecond: (requests * 1000) / elapsed, median: times[times.length >> 1] }
}
