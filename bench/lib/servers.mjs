/**
 * What the peers talk to: an epmd on a port of its own, one Erlang node, and the TCP floors. All
 * listen on 127.0.0.1 and end with their stdin or by pid.
 */
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import net from 'node:net'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { context } from './context.mjs'
import { freePort } from './free-port.mjs'

const HOST = '127.0.0.1'
const EPMD_ATTEMPTS = 100
const EPMD_PAUSE_MS = 20
const END_MS = 3000

async function listens(port) {
  const socket = net.connect(port, HOST)
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}

async function startEpmd(port) {
  const epmd = spawn('epmd', ['-port', String(port), '-address', HOST], { stdio: 'ignore' })
  for (let attempt = 0; attempt < EPMD_ATTEMPTS; attempt++) {
    if (await listens(port)) return epmd
    await delay(EPMD_PAUSE_MS)
  }
  epmd.kill()
  throw new Error(`epmd does not listen on port ${port}`)
}

/** Starts a program that prints one line of JSON when it is ready and ends with its stdin. */
export async function startServer(command, args) {
  const stdio = ['pipe', 'pipe', 'inherit']
  const child = spawn(command, args, { cwd: context.root, stdio })
  for await (const line of createInterface({ input: child.stdout })) {
    if (!line.startsWith('{')) continue
    child.stdout.resume()
    return { child, ready: JSON.parse(line) }
  }
  throw new Error(`${command} ${args.join(' ')} did not start`)
}

export async function stopServer(child) {
  child.stdin.end()
  if (child.exitCode !== null || child.signalCode !== null) return
  const timer = setTimeout(() => child.kill('SIGKILL'), END_MS)
  await once(child, 'exit')
  clearTimeout(timer)
}

export const nodeName = (name) => `bench_${name.replace(/\W/g, '_')}@${HOST}`

/**
 * Arguments for an `erl` that is hidden, listens on loopback and knows the modules of bench/; with an
 * `optfile` it speaks TLS.
 */
const erlArguments = (cookie, optfile) => (name) => [
  ...['-noshell', '-hidden', '-name', nodeName(name), '-setcookie', cookie],
  ...['-kernel', 'inet_dist_use_interface', '{127,0,0,1}', '-pa', context.build()],
  ...(optfile === undefined ? [] : ['-proto_dist', 'inet_tls', '-ssl_dist_optfile', optfile]),
]

async function startFloors() {
  // Each serves one client.
  const c = await startServer(context.build('echo'), ['server'])
  const c2 = await startServer(context.build('echo'), ['server'])
  const node = await startServer(process.execPath, ['lib/tcp-server.mjs'])
  return { c, c2, node }
}

/** `floors: false` leaves the TCP floors out; with `optfile` the nodes speak TLS. */
export async function startServers({ floors = true, optfile } = {}) {
  const epmdPort = await freePort()
  Object.assign(process.env, {
    ERL_EPMD_PORT: String(epmdPort),
    ERL_EPMD_ADDRESS: HOST,
    ERL_CRASH_DUMP_SECONDS: '0',
  })
  const cookie = randomBytes(12).toString('hex')
  const erl = erlArguments(cookie, optfile)
  const epmd = await startEpmd(epmdPort)
  const servers = {}
  const close = async () => {
    for (const { child } of Object.values(servers)) await stopServer(child)
    epmd.kill()
  }
  try {
    servers.erlang = await startServer('erl', [...erl('peer'), '-run', 'bench_peer', 'start'])
    if (floors) Object.assign(servers, await startFloors())
  } catch (error) {
    await close()
    throw error
  }
  const entries = Object.entries(servers)
  const tcp = Object.fromEntries(entries.map(([name, { ready }]) => [name, ready.port]))
  const plain = { peer: nodeName('peer'), cookie, epmdPort, tcp, optfile }
  return {
    plain,
    environment: { ...context, ...plain, node: nodeName, erl },
    pids: Object.fromEntries(entries.map(([name, { child }]) => [name, child.pid])),
    nodeName,
    close,
  }
}
