import { Operation } from '../../native/contract.js'
import type { EncodeOptions, ResolvedDecodeOptions } from '../../native/options.js'
import type { NodeCore } from '../../node/core.js'
import { BytesFrame } from '../../node/frames.js'
import type { ServeMessage } from '../../node/observe/channels.js'
import { type ServedAs, traceServing, watchesServing } from '../../node/observe/serve.js'
import { snapshot } from '../../node/peer/peer.js'
import { isThenable } from '../../node/process/handler-process.js'
import { Letter } from '../../node/process/letter.js'
import type { Process } from '../../node/process/process.js'
import type { InboundFrame, Route } from '../../node/route.js'
import { atom } from '../../term/atom.js'
import { Pid } from '../../term/pid.js'
import { Reference } from '../../term/reference.js'
import type { TermInput } from '../../term/term.js'
import { isOrderly, jsError } from '../../term/thrown.js'
import { runInContext } from './call-context.js'
import {
  type Application,
  erpcReason,
  evaluate,
  exitReason,
  type Outcome,
  type Runnable,
  resolveApplication,
} from './evaluation.js'
import type { ExposedTable, Exposure } from './exposed.js'
import { Quotas } from './quotas.js'
import { isFun, type Job, readJob, readSpawnRequest, type SpawnRequest } from './spawn-request.js'
import { SpawnedProcess, type SpawnOrigin } from './spawned-process.js'
import { StartAck } from './start-ack.js'

/** Reads the arguments again, decoded in another way. */
export type Reread = (decode: ResolvedDecodeOptions) => Application

const flagLink = 1
const flagMonitor = 2

/**
 * Runs exposed functions for Erlang.
 *
 * Shape:  SPAWN_REQUEST `{29, ReqId, From, GroupLeader, {M, F, Arity}, Options}` with the list of
 *         arguments; each is answered by SPAWN_REPLY with a pid, even where the function does not
 *         exist: the process then ends with `undef`, as in a real node.
 */
export class RpcServer {
  readonly #core: NodeCore
  readonly #exposed: ExposedTable
  readonly #failed: (error: unknown, process: Process) => void
  readonly #quotas: Quotas

  /**
   * `failed` is told what functions throw for which nobody waits; `most` is how many processes may
   * run for a peer.
   */
  constructor(
    core: NodeCore,
    exposed: ExposedTable,
    failed: (error: unknown, process: Process) => void,
    most: number,
  ) {
    this.#core = core
    this.#exposed = exposed
    this.#failed = failed
    this.#quotas = new Quotas(most)
  }

  spawnRequested(frame: InboundFrame, route: Route): void {
    const request = readSpawnRequest(frame.fields)
    if (request === 'badopt') {
      this.#refuse(frame, route, request)
      return
    }
    if (request === 'badarg' || !isTheirs(request, route)) {
      const detail = 'spawn request'
      this.#core.drops.add({ reason: 'unsupported', peer: route.name, detail })
      this.#refuse(frame, route, 'badarg')
      return
    }
    if (!this.#admits(request, route)) {
      this.#refuse(frame, route, 'system_limit')
      return
    }
    const kept = this.#exposed.hasOwnDecoding ? BytesFrame.of(frame) : undefined
    const job = readJob(request.entry, request, (kept ?? frame).payload(this.#core.decode))
    const reread =
      kept &&
      ((decode: ResolvedDecodeOptions) => readJob(request.entry, request, kept.payload(decode)))
    const process = this.#start(request, route)
    // The others may live long: what asked for them has been dealt with.
    if (job.kind !== 'call' && job.kind !== 'cast') route.consumed(frame)
    else process.asked = new Letter(undefined, route, frame)
    if (job.kind === 'call') this.#call(process, job, reread)
    else this.#run(process, job, reread)
  }

  /** Runs a function for a caller who is answered with a message, if at all, as `rex` does. */
  apply(
    caller: Omit<SpawnOrigin, 'request' | 'quotas'>,
    application: Application,
    reread: Reread | undefined,
    done: ((outcome: Outcome) => void) | undefined,
  ): void {
    if (!this.#takes(caller.node)) {
      done?.({ kind: 'error', reason: atom('system_limit'), stack: [] })
      return
    }
    const origin = { ...caller, request: undefined, quotas: this.#quotasOf(caller.node) }
    const process = new SpawnedProcess(this.#core, origin)
    this.#evaluate(process, application, reread, (outcome, exposure) => {
      done?.(encoded(outcome, exposure))
      if (done === undefined) this.#end(process, outcome, exitReason(outcome))
      else process.end(atom('normal'))
    })
  }

  /** A caller waits for the value. */
  #call(process: SpawnedProcess, job: Job, reread: Reread | undefined): void {
    this.#evaluate(process, job, reread, (outcome, exposure) => {
      const sent = encoded(outcome, exposure)
      process.refusal = (error) => erpcReason(job.tag, mistakeOf(sent, error, this.#core.encode))
      process.end(erpcReason(job.tag, sent))
    })
  }

  /** Nobody waits for the value, though a supervisor may wait until the process is up. */
  #run(process: SpawnedProcess, job: Job, reread: Reread | undefined): void {
    const ack = job.kind === 'start' ? new StartAck(this.#core, process) : undefined
    this.#evaluate(process, job, reread, (outcome) => {
      if (ack === undefined) this.#end(process, outcome, exitReason(outcome))
      else void ack.finished(outcome).then((reason) => this.#end(process, outcome, reason))
    })
  }

  #end(process: SpawnedProcess, outcome: Outcome, reason: TermInput): void {
    const isNews = 'thrown' in outcome && !isOrderly(reason) && !process.isOwnEnd(outcome.thrown)
    process.end(reason)
    if (isNews) this.#failed(outcome.thrown, process)
  }

  /** Whether one more process may run for a peer, with what is to hold to it. */
  #admits({ links, monitors }: SpawnRequest, route: Route): boolean {
    if ((links || monitors) && !this.#core.processes.admitsRelation(route)) return false
    return this.#takes(route.name)
  }

  #takes(peer: string): boolean {
    if (this.#quotasOf(peer)?.take(peer) !== false) return true
    this.#core.drops.add({ reason: 'limit', peer, detail: 'maxSpawned' })
    return false
  }

  /** None for this node itself. */
  #quotasOf(peer: string): Quotas | undefined {
    return peer === this.#core.identity.name ? undefined : this.#quotas
  }

  #refuse(frame: InboundFrame, route: Route, reason: string): void {
    const [reference, from] = frame.fields
    if (Reference.is(reference) && Pid.is(from)) {
      route.signal(Operation.SpawnReply, [reference, from, 0, atom(reason)])
    }
    route.consumed(frame)
  }

  #start(request: SpawnRequest, route: Route): SpawnedProcess {
    const { processes } = this.#core
    const { reference, from, groupLeader, links, monitors } = request
    const quotas = this.#quotasOf(route.name)
    const origin = { from, node: route.name, groupLeader, request: reference, quotas }
    const process = new SpawnedProcess(this.#core, origin)
    const flags = (links ? flagLink : 0) + (monitors ? flagMonitor : 0)
    route.signal(Operation.SpawnReply, [reference, from, flags, process.pid])
    if (monitors) processes.monitors.watch(process, process.pid, from, reference, route)
    if (links) processes.links.linked(process, from, process.pid, route)
    return process
  }

  /** `done` is called at once for a function that returns at once. */
  #evaluate(
    process: SpawnedProcess,
    application: Application,
    reread: Reread | undefined,
    done: (outcome: Outcome, exposure: Exposure | undefined) => void,
  ): void {
    const { node } = process.origin
    const found = resolveApplication(this.#exposed, node, application)
    if (!('exposure' in found)) {
      if (isFun(application)) this.#tellOfFun(node)
      done(found, undefined)
      return
    }
    const { exposure } = found
    const ready =
      exposure.decode === undefined || reread === undefined
        ? found
        : resolveApplication(this.#exposed, node, reread(exposure.decode))
    const outcome = 'exposure' in ready ? this.#apply(process, ready) : ready
    if (isThenable(outcome)) void outcome.then((settled) => done(settled, exposure))
    else done(outcome, exposure)
  }

  #apply(process: SpawnedProcess, runnable: Runnable): Outcome | Promise<Outcome> {
    const run = () => runInContext(process, () => evaluate(runnable))
    if (!watchesServing()) return run()
    const { module, function: method, args } = runnable
    const { from, node: peer } = process.origin
    const node = this.#core.identity.name
    const traced: ServeMessage = { kind: 'rpc', node, peer, from, service: module, method, args }
    return traceServing(traced, run, servedAs)
  }

  #tellOfFun(peer: string): void {
    const detail = 'an Erlang fun cannot run in JavaScript; expose a function and call it by name'
    this.#core.drops.add({ reason: 'unsupported', peer, detail })
  }
}

/** Whether a request is in the name of a process of the peer it came from, and under its number. */
function isTheirs({ from, reference }: SpawnRequest, { name }: Route): boolean {
  return from.node.name === name && reference.node.name === name
}

/** For those who watch: the value of the function, or what it has thrown. */
function servedAs(outcome: Outcome): ServedAs {
  if (outcome.kind === 'return') return { result: outcome.value }
  return { error: 'thrown' in outcome ? outcome.thrown : new TypeError(outcome.kind) }
}

/** The value in the encoding that the function was exposed with. */
function encoded(outcome: Outcome, exposure: Exposure | undefined): Outcome {
  const encode = exposure?.encode
  if (encode === undefined || outcome.kind !== 'return') return outcome
  return encodedValue(outcome.value, encode)
}

/** An error where the value has no Erlang form. */
function encodedValue(value: TermInput, encode: EncodeOptions | undefined): Outcome {
  try {
    return { kind: 'return', value: snapshot(value, encode) }
  } catch (error) {
    return failedBy(error)
  }
}

/** Why an outcome could not be sent: by itself, since its caller knows nothing of what it is put in. */
function mistakeOf(outcome: Outcome, error: unknown, encode: EncodeOptions | undefined): Outcome {
  const again = outcome.kind === 'return' ? encodedValue(outcome.value, encode) : undefined
  return again?.kind === 'error' ? again : failedBy(error)
}

function failedBy(error: unknown): Outcome {
  return { kind: 'error', reason: jsError(error), stack: [] }
}
