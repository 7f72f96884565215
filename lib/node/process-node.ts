import { checkFunction, checkNames, checkObject, checkText } from '../base/validate.js'
import { resolveDecodeOptions } from '../native/options.js'
import { Atom, atom } from '../term/atom.js'
import type { Pid } from '../term/pid.js'
import type { RawTerm } from '../term/raw.js'
import type { Term, TermInput } from '../term/term.js'
import { exitReasonOf, isOrderly, readThrown } from '../term/thrown.js'
import { nodeNameOf } from './destination.js'
import { LocalNode } from './node.js'
import type {
  AcceptFromOptions,
  RegisterOptions,
  RegisterRawOptions,
  SpawnOptions,
  SpawnRawOptions,
} from './node-types.js'
import { type PeerTest, resolvePeerChoice } from './peer-pattern.js'
import {
  FallbackProcess,
  HandlerProcess,
  isThenable,
  type MessageHandler,
} from './process/handler-process.js'
import { MailboxProcess } from './process/mailbox-process.js'
import { checkPid, checkReason, type Process } from './process/process.js'

/** What a process runs: it ends when the function does. */
export type ProcessFunction<Message = Term> = (self: MailboxProcess<Message>) => unknown

const registerOptionNames = ['decode', 'acceptFrom']
const spawnOptionNames = ['name', 'decode', 'acceptFrom']

/** A node with processes: named ones that handle messages, and such with a mailbox. */
export abstract class ProcessNode extends LocalNode {
  /** The names that processes of this node are registered under. */
  get registered(): string[] {
    return this.core.processes.registry.names
  }

  /**
   * Starts a process with a mailbox. It lives until it is told to `exit`, or is killed; or, with a
   * function, until that has finished. It ends with `normal` then, or with what was thrown: the
   * `reason` of an `ErlangError` in the class of its `remoteClass`, else
   * `{{js_error, Name, Message}, []}`.
   *
   * The function starts in a later turn of the event loop, so that whoever spawns can link and
   * monitor it before. What it throws goes to `handlerError`; if nobody listens there, and no
   * process is linked to it or monitors it, it is thrown on the next tick.
   *
   * Errors: TypeError for bad options, RangeError for a name that is taken.
   */
  spawn(options?: SpawnOptions): MailboxProcess
  spawn(options: SpawnRawOptions): MailboxProcess<RawTerm>
  spawn(run: ProcessFunction, options?: SpawnOptions): MailboxProcess
  spawn(run: ProcessFunction<RawTerm>, options: SpawnRawOptions): MailboxProcess<RawTerm>
  spawn(
    first: ((self: never) => unknown) | SpawnOptions | SpawnRawOptions = {},
    second: SpawnOptions | SpawnRawOptions = {},
  ): Process {
    const run = typeof first === 'function' ? first : undefined
    const process = this.#spawn(typeof first === 'function' ? second : first)
    if (run !== undefined) setImmediate(() => this.#run(process, run))
    return process
  }

  /**
   * Registers a process under a name: `handler` gets its messages, one at a time; when it returns a
   * promise, the next message waits for it.
   *
   * Errors: TypeError for a bad name or handler, RangeError for a name that is taken.
   */
  register(name: string | Atom, handler: MessageHandler, options?: RegisterOptions): Process
  register(
    name: string | Atom,
    handler: MessageHandler<RawTerm>,
    options: RegisterRawOptions,
  ): Process
  register(
    name: string | Atom,
    handler: MessageHandler<never>,
    options: RegisterOptions | RegisterRawOptions = {},
  ): Process {
    const text = registrableName(name)
    const process = this.#start(HandlerProcess, handler, options)
    this.core.processes.registry.register(text, process)
    this.core.processes.add(process)
    return process
  }

  /**
   * Gives the messages to names that nobody has to a handler, in place of dropping them: its context
   * says which name it was (`to`). Whoever monitors such a name, as `gen_server:call` does, monitors
   * this process. Ending the process that is returned takes that back, and so does the next
   * `registerFallback`. No peer can kill it.
   *
   * Errors: TypeError for a bad handler.
   */
  registerFallback(handler: MessageHandler, options: RegisterOptions = {}): Process {
    const process = this.#start(FallbackProcess, handler, options)
    this.core.processes.fallback?.end(atom('normal'))
    this.core.processes.add(process)
    this.core.processes.fallback = process
    return process
  }

  /** Ends the process of that name, with reason `normal`. False when there was none. */
  unregister(name: string | Atom): boolean {
    const process = this.core.processes.registry.find(registrableName(name))
    process?.exit()
    return process !== undefined
  }

  /** The pid of the process of that name. */
  whereis(name: string | Atom): Pid | undefined {
    return this.core.processes.registry.find(registrableName(name))?.pid
  }

  /**
   * Sends an exit signal to a process, as `exit/2`, in the name of the node's own process.
   *
   * Errors: TypeError, now, for a reason that has no Erlang form.
   */
  exitSignal(pid: Pid, reason: TermInput): void {
    checkPid('pid', pid)
    checkReason(reason)
    this.checkOpen()
    this.core.processes.exitSignal(this.core.caller, pid, reason)
  }

  /**
   * Connects to a peer, if need be, and calls `lost` once when that fails or the connection ends.
   * The function that it returns takes that back.
   */
  monitorNode(peer: string | Atom, lost: (reason: string) => void): () => void {
    const name = nodeNameOf(peer)
    checkFunction('lost', lost)
    this.checkOpen()
    return this.core.processes.nodeMonitors.watch(name, (reason) => this.guard(() => lost(reason)))
  }

  #spawn(options: SpawnOptions | SpawnRawOptions): MailboxProcess<never> {
    const { processes, identity, mailboxes } = this.core
    this.checkOpen()
    checkNames('spawn', checkObject('options', options), spawnOptionNames)
    const { name, decode } = options
    const ownOptions =
      decode === undefined
        ? mailboxes
        : { ...mailboxes, decode: decode === 'raw' ? decode : resolveDecodeOptions(decode) }
    const acceptFrom = resolveAcceptFrom(options)
    const process = new MailboxProcess<never>(identity.nextPid(), processes, ownOptions)
    process.acceptFrom = acceptFrom
    if (name !== undefined) processes.registry.register(registrableName(name), process)
    processes.add(process)
    return process
  }

  #run(process: MailboxProcess<never>, run: (self: never) => unknown): void {
    if (!process.isAlive) return
    try {
      // The overloads of `spawn` have seen to it that the function takes what `decode` gives.
      const result = run(process as never)
      if (isThenable(result)) void this.#finish(process, result)
      else process.end(atom('normal'))
    } catch (error) {
      this.#crashed(process, error)
    }
  }

  async #finish(process: MailboxProcess<never>, result: PromiseLike<unknown>): Promise<void> {
    try {
      await result
      process.end(atom('normal'))
    } catch (error) {
      this.#crashed(process, error)
    }
  }

  /** A function that still waits when its process is killed gets an error, which is no news. */
  #crashed(process: MailboxProcess<never>, error: unknown): void {
    if (process.isOwnEnd(error)) return
    const reason = exitReasonOf(readThrown(error))
    const isObserved = process.isAlive && process.isObserved
    process.end(reason)
    if (!isOrderly(reason)) this.handlerFailed(error, process, undefined, isObserved)
  }

  #start(
    kind: typeof HandlerProcess,
    handler: MessageHandler<never>,
    options: RegisterOptions | RegisterRawOptions,
  ): HandlerProcess {
    checkFunction('handler', handler)
    checkNames('register', checkObject('options', options), registerOptionNames)
    this.checkOpen()
    const { processes, identity } = this.core
    const { decode = this.core.decode } = options
    const acceptFrom = resolveAcceptFrom(options)
    const process = new kind(identity.nextPid(), processes, handler, {
      decode: decode === 'raw' ? decode : resolveDecodeOptions(decode),
      failed: this.handlerFailed,
      drops: this.core.drops,
    })
    process.acceptFrom = acceptFrom
    return process
  }
}

function resolveAcceptFrom({ acceptFrom }: AcceptFromOptions): PeerTest | undefined {
  return acceptFrom === undefined ? undefined : resolvePeerChoice('acceptFrom', acceptFrom)
}

function registrableName(name: unknown): string {
  return checkText('name', Atom.is(name) ? name.name : name)
}
