/** The tasks of the guide. Each runs in worker threads of its own. */
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'

/** The document's example: a counter that logs and sleeps, for ever. */
export async function timer(index, { log, signal }) {
  for (let x = 0; ; x += 1) {
    log.info(`worker ${index}: $x is ${x}`)
    await sleep(600, undefined, { signal })
  }
}

/** Run by name: `rpc:call(Node, evrexec, run, ["evrexec:test", "mydata"])`. */
export function test(data, { log }) {
  log.info(`rpc command data: ${data}`)
  return `seen ${data}`
}

/** Goes on until it is stopped. */
export async function watch(what, { log, signal }) {
  log.info(`watching ${what}`)
  await once(signal, 'abort')
}

/** Does long work beside the main loop: the primes below its data. */
export function primes(data) {
  const limit = Number(data)
  let count = 0
  for (let n = 2; n < limit; n += 1) if (isPrime(n)) count += 1
  return count
}

function isPrime(n) {
  for (let d = 2; d * d <= n; d += 1) if (n % d === 0) return false
  return true
}

/** For every datagram: `echo -n hello > /dev/udp/127.0.0.1/5099` in bash. */
export function datagram(_address, { data, srcip, srcport, log }) {
  log.info(`${data} from ${srcip}:${srcport}`)
}
