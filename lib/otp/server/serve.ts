import { checkBoolean, checkNames, checkObject, checkText } from '../../base/validate.js'
import { invalidArgument } from '../../errors.js'
import {
  checkEncodeOptions,
  type DecodeOptions,
  type DecodePreset,
  type EncodeOptions,
  resolveDecodeOptions,
} from '../../native/options.js'
import type { NodeCore } from '../../node/core.js'
import { type PeerChoice, resolvePeerChoice } from '../../node/peer-pattern.js'
import { Atom, atom } from '../../term/atom.js'
import { Pid } from '../../term/pid.js'
import { callContext } from '../rpc/call-context.js'
import type { ExposedTable } from '../rpc/exposed.js'
import { checkCallbacks, type ServerCallbacks } from './callbacks.js'
import { type ResolvedServeOptions, type ServerHost, ServerProcess } from './server-process.js'
import { SysDialects } from './sys-dialect.js'

/** Options of `serve`. */
export interface ServeOptions {
  /**
   * The process that the server is linked to and ends with, as after `gen_server:start_link`. With
   * `trapExit`, `terminate` runs when it ends.
   */
  readonly parent?: Pid
  /** Whether exit signals arrive in `info`, and `terminate` runs on those of `parent`. */
  readonly trapExit?: boolean
  /** What the server's stacks and `sys:get_status/1` call its module: its name, or `gen_server`. */
  readonly module?: string | Atom
  /**
   * Where `sys:trace/2` prints. By default that of the caller, in a function that Erlang called, else
   * the standard output of this process.
   */
  readonly groupLeader?: Pid
  /** The peers for which this server is there, as with `register`; for every peer when absent. */
  readonly acceptFrom?: PeerChoice
  /** How messages are decoded, in place of the node's choice. */
  readonly decode?: DecodeOptions | DecodePreset
  /** How answers are encoded, in place of the node's choice. */
  readonly encode?: EncodeOptions
}

const optionNames: readonly (keyof ServeOptions)[] = [
  'parent',
  'trapExit',
  'module',
  'groupLeader',
  'acceptFrom',
  'decode',
  'encode',
]

/** The gen_servers of one node. */
export class Servers {
  readonly #host: ServerHost

  constructor(core: NodeCore, exposed: ExposedTable, failed: ServerHost['failed']) {
    this.#host = { core, exposed, dialects: new SysDialects(core), failed }
  }

  /**
   * Starts a gen_server.
   *
   * Errors: TypeError for bad arguments; RangeError for a name that is taken; what a synchronous
   *         `init` throws.
   */
  serve(
    name: string | Atom | undefined,
    callbacks: ServerCallbacks,
    options: ServeOptions,
  ): ServerProcess {
    checkCallbacks(callbacks)
    const { core } = this.#host
    const resolved = resolveOptions(core, name, options)
    const trapExit = options.trapExit !== undefined && checkBoolean('trapExit', options.trapExit)
    const { acceptFrom } = options
    const isFor = acceptFrom === undefined ? undefined : resolvePeerChoice('acceptFrom', acceptFrom)
    const server = new ServerProcess(core.identity.nextPid(), this.#host, callbacks, resolved)
    server.acceptFrom = isFor
    if (name !== undefined) server.register(name)
    core.processes.add(server)
    server.trapExit = trapExit
    if (options.parent !== undefined) server.linkToParent(options.parent)
    server.start()
    return server
  }
}

function resolveOptions(
  core: NodeCore,
  name: string | Atom | undefined,
  options: ServeOptions,
): ResolvedServeOptions {
  checkNames('serve', checkObject('options', options), optionNames)
  const { module = name ?? 'gen_server', parent, decode, encode } = options
  const groupLeader = options.groupLeader ?? callContext()?.groupLeader
  if (encode !== undefined) checkEncodeOptions(encode)
  return {
    name: name === undefined ? undefined : atomOf('name', name),
    module: atomOf('module', module),
    parent: parent === undefined ? undefined : checkPid('parent', parent),
    groupLeader: groupLeader === undefined ? undefined : checkPid('groupLeader', groupLeader),
    decode: decode === undefined ? core.decode : resolveDecodeOptions(decode),
    encode: encode ?? core.encode,
  }
}

function atomOf(argument: string, value: string | Atom): Atom | boolean {
  return atom(checkText(argument, Atom.is(value) ? value.name : value))
}

function checkPid(argument: string, value: Pid): Pid {
  if (!Pid.is(value)) throw invalidArgument(argument, 'a pid', value)
  return value
}
