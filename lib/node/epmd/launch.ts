import { setTimeout as delay } from 'node:timers/promises'
import { ErlangError } from '../../errors.js'
import { nowMs } from '../../native/clock.js'
import type { EpmdChoice } from '../options.js'
import { type EpmdEndpoint, isEpmd, isExhaustion } from './client.js'
import { EpmdServer } from './server.js'

/** How long the `epmd` program may take until it answers. */
const launchMs = 3_000
const askAgainMs = 25
const answerMs = 2_000

/** An embedded epmd of this environment, shared by its nodes; closed when the last has stopped. */
interface Hosted {
  readonly server: EpmdServer
  users: number
}

const hosted = new Map<number, Hosted>()

export type ReleaseEpmd = () => Promise<void>

/**
 * Sees to it that an epmd answers, as the `epmd` option says: the one that runs, else the `epmd`
 * program (`'auto'` only), else one inside this process. What is returned gives it up again.
 *
 * Errors: ERR_ERL_NO_EPMD when the port is held by something else.
 */
export async function ensureEpmd(
  choice: EpmdChoice,
  listensOnLoopback: boolean,
): Promise<ReleaseEpmd> {
  if (choice.policy === 'given' || choice.policy === 'none') return async () => undefined
  const own = hosted.get(choice.port)
  if (own !== undefined) return use(choice.port, own)
  const epmd: EpmdEndpoint = { host: choice.host, port: choice.port, timeoutMs: answerMs }
  if (await isEpmd(epmd)) return async () => undefined
  if (choice.policy === 'auto' && (await launchProgram(epmd, listensOnLoopback))) {
    return async () => undefined
  }
  return host(epmd)
}

/** Nodes that start at once ask at once: the second finds the server of the first. */
async function host(epmd: EpmdEndpoint): Promise<ReleaseEpmd> {
  try {
    const entry = { server: await EpmdServer.listen(epmd.port), users: 0 }
    hosted.set(epmd.port, entry)
    return use(epmd.port, entry)
  } catch (cause) {
    const own = hosted.get(epmd.port)
    if (own !== undefined) return use(epmd.port, own)
    // Another process was quicker.
    if (await isEpmd(epmd)) return async () => undefined
    throw cannotServe(epmd, cause as NodeJS.ErrnoException)
  }
}

function cannotServe(epmd: EpmdEndpoint, cause: NodeJS.ErrnoException): ErlangError {
  if (cause.code === 'EADDRINUSE') {
    const message = `port ${epmd.port} is held by a program that is no epmd; set ERL_EPMD_PORT to another port`
    return new ErlangError('ERR_ERL_NO_EPMD', message, { cause })
  }
  const code = isExhaustion(cause) ? 'ERR_ERL_RESOURCES' : 'ERR_ERL_NO_EPMD'
  const message = `no epmd answers on port ${epmd.port}, and none can be started: ${cause.message}`
  return new ErlangError(code, message, { cause })
}

function use(port: number, entry: Hosted): ReleaseEpmd {
  entry.users += 1
  let released = false
  return async () => {
    if (released) return
    released = true
    entry.users -= 1
    if (entry.users > 0) return
    if (hosted.get(port) === entry) hosted.delete(port)
    await entry.server.close()
  }
}

/** Starts `epmd -daemon` as `erl` does; false when there is no such program or it does not come up. */
async function launchProgram(epmd: EpmdEndpoint, listensOnLoopback: boolean): Promise<boolean> {
  if (!(await runDaemon(epmd, listensOnLoopback))) return false
  const deadline = nowMs() + launchMs
  while (nowMs() < deadline) {
    if (await isEpmd(epmd)) return true
    await delay(askAgainMs)
  }
  return false
}

function runDaemon(epmd: EpmdEndpoint, listensOnLoopback: boolean): Promise<boolean> {
  // A node that nobody else can reach needs no epmd that everybody can.
  const address = listensOnLoopback ? { ERL_EPMD_ADDRESS: '127.0.0.1' } : {}
  return new Promise<boolean>((resolve) => {
    // Not loaded where an epmd runs: it takes 2 MiB.
    const { spawn } = process.getBuiltinModule('node:child_process')
    const child = spawn('epmd', ['-daemon'], {
      stdio: 'ignore',
      detached: true,
      env: { ...address, ...process.env, ERL_EPMD_PORT: String(epmd.port) },
    })
    child.once('error', () => resolve(false))
    child.once('exit', (code) => resolve(code === 0))
    // Without memory `spawn` throws.
  }).catch(() => false)
}
