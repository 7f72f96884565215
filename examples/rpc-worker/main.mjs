/** A worker that Erlang calls: it hashes passwords, which is slow on purpose. See README.md. */
import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import { promisify } from 'node:util'
import { atom, atomKeys, callContext, ErlangError, ErlangNode, isBinary, tuple } from 'beamlink'
import { Turns } from './turns.mjs'

const { WORKER_NODE = 'worker@127.0.0.1', COOKIE = 'secret' } = process.env
const { AT_ONCE = '2', MOST_WAITING = '50', COST = '16384' } = process.env

const derive = promisify(scrypt)
const parameters = { N: Number(COST), maxmem: 256 * Number(COST) * 8 }
const turns = new Turns(Number(AT_ONCE), Number(MOST_WAITING))
const counts = { served: 0, refused: 0, abandoned: 0 }

/** An error that Erlang sees as `reason`, not as one of JavaScript. */
function erlangError(message, reason) {
  return new ErlangError('ERR_ERL_REMOTE', message, { reason })
}

function checkBinary(name, value) {
  if (!isBinary(value))
    throw erlangError(`${name} must be a binary`, tuple(atom('badarg'), atom(name)))
  return value
}

function refuse(why) {
  counts.refused += 1
  return erlangError(`no place: ${why}`, atom(why))
}

/** In turn, unless the caller has gone: its signal is aborted when nobody waits for the value. */
async function serve(work) {
  const { signal } = callContext()
  try {
    const value = await turns.run(work, signal, refuse)
    counts.served += 1
    return value
  } finally {
    if (signal.aborted) counts.abandoned += 1
  }
}

const functions = {
  'hash/1'(password) {
    checkBinary('password', password)
    return serve(async () => {
      const salt = randomBytes(16)
      const key = await derive(password, salt, 32, parameters)
      return `${salt.toString('hex')}:${key.toString('hex')}`
    })
  },
  'verify/2'(password, hash) {
    checkBinary('password', password)
    const [salt, key] = checkBinary('hash', hash).toString().split(':')
    if (key?.length !== 64)
      throw erlangError('this is no hash', tuple(atom('badarg'), atom('hash')))
    return serve(async () => {
      const found = await derive(password, Buffer.from(salt, 'hex'), 32, parameters)
      return timingSafeEqual(found, Buffer.from(key, 'hex'))
    })
  },
  'stats/0': () =>
    atomKeys({
      ...counts,
      running: turns.running,
      waiting: turns.waiting,
      for: atom(callContext().node),
    }),
}

const node = await ErlangNode.start({ name: WORKER_NODE, cookie: COOKIE })
node.expose('passwords', functions)
// What is wrong here, and not with the call, is for our log, too; Erlang gets {js_error, …}.
node.on('handlerError', ({ error }) => {
  if (!ErlangError.is(error)) console.error(error)
})
console.log(`${node.name} serves passwords:hash/1 and passwords:verify/2`)

/** Serves what has been taken, refuses the rest with `stopping`, leaves. */
async function stop() {
  await turns.close()
  // The last values are on their way when those who were served have heard.
  await setImmediate()
  await Promise.all(node.peers.map((peer) => node.drained(peer)))
  await node.stop()
  console.log(`stopped; served ${counts.served}`)
}
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, stop)
