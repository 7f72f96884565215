import { Operation } from '../native/contract.js'
import type { ResolvedDecodeOptions } from '../native/options.js'
import { atomName } from '../node/atom-name.js'
import type { NodeCore } from '../node/core.js'
import { BytesFrame } from '../node/frames.js'
import { isThenable } from '../node/handler-process.js'
import { snapshot } from '../node/peer.js'
import { jsError } from '../node/post-reason.js'
import type { InboundFrame, Route } from '../node/route.js'
import { atom } from '../term/atom.js'
import { Fun } from '../term/fun.js'
import { Pid } from '../term/pid.js'
import { Reference } from '../term/reference.js'
import { isList, isTuple, type Term } from '../term/term.js'
import { runInContext } from './call-context.js'
import {
  type Application,
  erpcReason,
  evaluate,
  exitReason,
  type Outcome,
  resolveApplication,
} from './evaluation.js'
import type { ExposedTable, Exposure } from './exposed.js'
import { SpawnedProcess } from './spawned-process.js'

/** A SPAWN_REQUEST whose fields are what they must be. */
interface SpawnRequest {
  readonly reference: Reference
  readonly from: Pid
  /** `M:F/Arity` as text: what is to be spawned. */
  readonly entry: string
  readonly module: Term
  readonly function: Term
  readonly links: boolean
  readonly monitors: boolean
}

/** What a SPAWN_REQUEST asks to run. With a tag the end of the process tells the outcome. */
interface Job extends Application {
  readonly tag: Term | undefined
}

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

  constructor(core: NodeCore, exposed: ExposedTable) {
    this.#core = core
    this.#exposed = exposed
  }

  spawnRequested(frame: InboundFrame, route: Route): void {
    const request = readSpawnRequest(frame.fields)
    if (request === undefined || request.from.node.name !== route.name) {
      this.#refuse(frame, route)
      return
    }
    const kept = this.#exposed.hasOwnDecoding ? BytesFrame.of(frame) : undefined
    const job = readJob(request.entry, request, (kept ?? frame).payload(this.#core.decode))
    const reread =
      kept &&
      ((decode: ResolvedDecodeOptions) => readJob(request.entry, request, kept.payload(decode)))
    const process = this.#start(request, route)
    this.#evaluate(process, job, reread, (outcome) => {
      process.end(job.tag === undefined ? exitReason(outcome) : erpcReason(job.tag, outcome))
      route.consumed(frame)
    })
  }

  /** Runs a function for a caller who is answered with a message, as `rex` does. */
  apply(
    from: Pid,
    application: Application,
    reread: Reread | undefined,
    done: (outcome: Outcome) => void,
  ): void {
    const { processes, identity } = this.#core
    const origin = { from, node: from.node.name, request: undefined }
    const process = new SpawnedProcess(identity.nextPid(), processes, origin)
    processes.add(process)
    this.#evaluate(process, application, reread, (outcome) => {
      done(outcome)
      process.end(atom('normal'))
    })
  }

  #refuse(frame: InboundFrame, route: Route): void {
    const [reference, from] = frame.fields
    this.#core.drops.add({ reason: 'unsupported', peer: route.name, detail: 'spawn request' })
    if (Reference.is(reference) && Pid.is(from)) {
      route.signal(Operation.SpawnReply, [reference, from, 0, atom('badarg')])
    }
    route.consumed(frame)
  }

  #start(request: SpawnRequest, route: Route): SpawnedProcess {
    const { processes, identity } = this.#core
    const { reference, from, links, monitors } = request
    const origin = { from, node: route.name, request: reference }
    const process = new SpawnedProcess(identity.nextPid(), processes, origin)
    processes.add(process)
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
    done: (outcome: Outcome) => void,
  ): void {
    const found = resolveApplication(this.#exposed, process.peer, application)
    if (!('exposure' in found)) {
      if (isFun(application)) this.#tellOfFun(process)
      done(found)
      return
    }
    const { exposure } = found
    const ready =
      exposure.decode === undefined || reread === undefined
        ? found
        : resolveApplication(this.#exposed, process.peer, reread(exposure.decode))
    const outcome =
      'exposure' in ready ? runInContext(process.context, () => evaluate(ready)) : ready
    if (isThenable(outcome)) void outcome.then((settled) => done(encoded(settled, exposure)))
    else done(encoded(outcome, exposure))
  }

  #tellOfFun({ peer }: SpawnedProcess): void {
    const detail = 'an Erlang fun cannot run in JavaScript; expose a function and call it by name'
    this.#core.drops.add({ reason: 'unsupported', peer, detail })
  }
}

/** The value in the encoding that the function was exposed with. */
function encoded(outcome: Outcome, { encode }: Exposure): Outcome {
  if (encode === undefined || outcome.kind !== 'return') return outcome
  try {
    return { kind: 'return', value: snapshot(outcome.value, encode) }
  } catch (error) {
    return { kind: 'error', reason: jsError(error), stack: [] }
  }
}

function readSpawnRequest(fields: readonly Term[]): SpawnRequest | undefined {
  const [reference, from, , entry, options] = fields
  if (!Reference.is(reference) || !Pid.is(from) || !isTuple(entry, 3)) return undefined
  const [module, name, arity] = entry
  let links = false
  let monitors = false
  for (const option of isList(options) ? options : []) {
    const text = atomName(option)
    if (text === 'link') links = true
    else if (text === 'monitor') monitors = true
  }
  const text = `${atomName(module)}:${atomName(name)}/${arity}`
  return { reference, from, entry: text, module, function: name, links, monitors }
}

/**
 * What is to be run: `erpc` wraps the function that is meant, and wants the outcome in a shape of
 * its own; anything else is the function itself.
 */
function readJob(
  entry: string,
  { module, function: name }: Pick<SpawnRequest, 'module' | 'function'>,
  payload: Term,
): Job {
  const args = isList(payload) ? payload : []
  if (entry === 'erpc:execute_call/4') {
    const [tag = null, calledModule = null, called = null, calledArgs = null] = args
    return { tag, module: calledModule, function: called, args: calledArgs }
  }
  if (entry === 'erpc:execute_cast/3') {
    const [calledModule = null, called = null, calledArgs = null] = args
    return { tag: undefined, module: calledModule, function: called, args: calledArgs }
  }
  return { tag: undefined, module, function: name, args: payload }
}

/** `erlang:apply/2` of a fun that is code: of another language than ours. */
function isFun({ module, function: name, args }: Application): boolean {
  return (
    atomName(module) === 'erlang' && atomName(name) === 'apply' && isList(args) && Fun.is(args[0])
  )
}
