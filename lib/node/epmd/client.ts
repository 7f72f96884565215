import { connect, type Socket } from 'node:net'
import { ErlangError } from '../../errors.js'
import {
  alive2Request,
  type NodeType,
  namesRequest,
  portPlease2Request,
  readAlive2Response,
  readNamesResponse,
  readPort2Response,
} from './protocol.js'

/** An epmd to ask, and how long. */
export interface EpmdEndpoint {
  /** Host name or address. */
  readonly host: string
  readonly port: number
  readonly timeoutMs: number
}

const strange = 'does not answer as epmd does'

/** Far above what epmd ever answers; a stranger on that port may send more. */
const longestAnswer = 4 * 1024 * 1024

/**
 * Asks for the port on which the node `alive` listens.
 *
 * Shape:  PORT_PLEASE2_REQ 122, answer 119.
 * Errors: ERR_ERL_NO_EPMD, ERR_ERL_NODE_NOT_FOUND, ERR_ERL_UNKNOWN_HOST, ERR_ERL_TIMEOUT.
 */
export async function portPlease(epmd: EpmdEndpoint, alive: string): Promise<number> {
  const answer = await ask(epmd, portPlease2Request(alive), readPort2Response)
  if (answer === undefined || answer === 'strange') throw noEpmd(epmd, strange)
  if (answer === 'unknown') {
    throw new ErlangError(
      'ERR_ERL_NODE_NOT_FOUND',
      `epmd at ${epmd.host}:${epmd.port} knows no node "${alive}"; is it running, under this name, and distributed?`,
    )
  }
  return answer.port
}

/** The nodes that are registered, as `erl_epmd:names/1` gives them. Errors: as `portPlease`. */
export async function registeredNames(
  epmd: EpmdEndpoint,
): Promise<{ alive: string; port: number }[]> {
  let answer = Buffer.alloc(0)
  await ask(epmd, namesRequest(), (bytes) => {
    answer = Buffer.from(bytes)
    return undefined
  })
  const names = readNamesResponse(answer)
  if (names === undefined) throw noEpmd(epmd, strange)
  return names
}

/** True when something at that address answers as epmd does. */
export async function isEpmd(epmd: EpmdEndpoint): Promise<boolean> {
  try {
    await registeredNames(epmd)
    return true
  } catch {
    return false
  }
}

/**
 * Registers a node. The registration lasts as long as the socket that is returned.
 *
 * Shape:  ALIVE2_REQ 120, answer 118 or 121. The creation in the answer is not used: a node keeps
 *         the one it drew at its start, as ERTS keeps its first.
 * Errors: ERR_ERL_NAME_IN_USE, ERR_ERL_NO_EPMD, ERR_ERL_UNKNOWN_HOST, ERR_ERL_TIMEOUT.
 */
export async function registerAlive(
  epmd: EpmdEndpoint,
  alive: string,
  port: number,
  type: NodeType,
): Promise<Socket> {
  const socket = connect({ host: epmd.host, port: epmd.port })
  try {
    const answer = await exchange(
      socket,
      epmd,
      alive2Request(alive, port, type),
      readAlive2Response,
    )
    if (answer === undefined || answer === 'strange') throw noEpmd(epmd, strange)
    if (answer === 'taken') {
      throw new ErlangError(
        'ERR_ERL_NAME_IN_USE',
        `epmd at ${epmd.host}:${epmd.port} has a node "${alive}" already; choose another name or stop that node`,
      )
    }
    return socket
  } catch (error) {
    socket.destroy()
    throw error
  }
}

async function ask<Answer>(
  epmd: EpmdEndpoint,
  request: Buffer,
  read: (bytes: Buffer) => Answer | undefined,
): Promise<Answer | undefined> {
  const socket = connect({ host: epmd.host, port: epmd.port })
  try {
    return await exchange(socket, epmd, request, read)
  } finally {
    socket.destroy()
  }
}

/** The first answer that `read` finds whole; undefined when the connection ends without one. */
function exchange<Answer>(
  socket: Socket,
  epmd: EpmdEndpoint,
  request: Buffer,
  read: (bytes: Buffer) => Answer | undefined,
): Promise<Answer | undefined> {
  return new Promise((resolve, reject) => {
    let received: Buffer = Buffer.alloc(0)
    const deadline = setTimeout(() => finish(() => reject(tooSlow(epmd))), epmd.timeoutMs)
    const onData = (chunk: Buffer) => {
      received = received.length === 0 ? chunk : Buffer.concat([received, chunk])
      const answer = read(received)
      if (answer !== undefined) finish(() => resolve(answer))
      else if (received.length > longestAnswer) {
        finish(() => reject(noEpmd(epmd, 'sends what no epmd would send')))
      }
    }
    const onEnd = () => finish(() => resolve(undefined))
    const onError = (error: Error) => finish(() => reject(connectionError(epmd, error)))
    const finish = (settle: () => void) => {
      clearTimeout(deadline)
      socket.off('data', onData).off('end', onEnd).off('close', onEnd).off('error', onError)
      socket.on('error', () => undefined) // whoever keeps the socket sees its 'close'
      settle()
    }
    socket.on('data', onData).on('end', onEnd).on('close', onEnd).on('error', onError)
    socket.write(request)
  })
}

function connectionError(epmd: EpmdEndpoint, error: Error & { code?: string }): ErlangError {
  if (error.code === 'ENOTFOUND' || error.code === 'EAI_AGAIN') {
    return unknownHost(epmd.host, error)
  }
  if (isExhaustion(error)) {
    const message = `cannot ask epmd at ${epmd.host}:${epmd.port}: ${error.message}`
    return new ErlangError('ERR_ERL_RESOURCES', message, { cause: error })
  }
  return noEpmd(epmd, `does not answer (${error.code ?? error.message})`, error)
}

/** Whether the system gave no descriptor, port or memory: the fault is nobody else's. */
export function isExhaustion(error: unknown): boolean {
  const { code } = error as { code?: unknown }
  return typeof code === 'string' && exhaustions.includes(code)
}

const exhaustions = ['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM', 'EADDRNOTAVAIL']

/** What a name server says that does not answer, or not now. */
const unanswered = 'EAI_AGAIN'

export function unknownHost(host: string, cause: unknown): ErlangError {
  const isUnanswered = (cause as { code?: unknown }).code === unanswered
  const message = isUnanswered
    ? `no name server says where the host "${host}" is; check /etc/resolv.conf and the network, or give { host, port } with an address`
    : `the host "${host}" has no address; check the part after the @ of the node's name, or give { host, port }`
  return new ErlangError('ERR_ERL_UNKNOWN_HOST', message, { cause })
}

function noEpmd(epmd: EpmdEndpoint, what: string, cause?: unknown): ErlangError {
  return new ErlangError(
    'ERR_ERL_NO_EPMD',
    `epmd at ${epmd.host}:${epmd.port} ${what}; start a node there or run "epmd -daemon", set ERL_EPMD_PORT, or connect by { host, port }`,
    { cause },
  )
}

function tooSlow(epmd: EpmdEndpoint): ErlangError {
  return new ErlangError(
    'ERR_ERL_TIMEOUT',
    `epmd at ${epmd.host}:${epmd.port} did not answer within ${epmd.timeoutMs} ms`,
  )
}
