import { ErlangError } from '../../errors.js'
import { Operation } from '../../native/contract.js'
import { defaultDecodeOptions } from '../../native/options.js'
import { Failure, resultOf, type Wait } from '../../node/calls.js'
import type { NodeCore } from '../../node/core.js'
import { ExitKind, type ProcessOwner } from '../../node/process/process.js'
import { SystemProcess } from '../../node/process/system-process.js'
import type { Route } from '../../node/route.js'
import { atom } from '../../term/atom.js'
import { brief } from '../../term/format.js'
import type { Pid } from '../../term/pid.js'
import { isAtom, type Term } from '../../term/term.js'
import { RpcCall, type RpcRequest, type Runners } from './rpc.js'
import { SpawnCall } from './spawn-call.js'

/** From so many calls to a peer on it pays to have a process there for them. */
const manyCalls = 100

const wait: Wait = { timeoutMs: 5_000, signal: undefined, whenDown: 'fail' }

/** Asks a peer who it is. */
const whoAreYou: RpcRequest = {
  module: atom('erlang'),
  function: atom('node'),
  args: [],
  decode: defaultDecodeOptions,
  encode: undefined,
  kill: false,
}

/** What there is at one life of a peer. */
interface OwnRex {
  readonly creation: number
  /** Calls that were spawned. */
  spawned: number
  /** Undefined before there were many calls, while it is being started, and where it cannot be. */
  server: Pid | undefined
}

/** Linked with the processes at the peers: they end when it does, and when the connection goes. */
class Parent extends SystemProcess {
  readonly #broken: (server: Pid, reason: Term) => void

  constructor(pid: Pid, owner: ProcessOwner, broken: (server: Pid, reason: Term) => void) {
    super(pid, owner, () => undefined)
    this.#broken = broken
  }

  override signalled(from: Pid, reason: Term, kind: ExitKind): void {
    if (kind === ExitKind.Link) this.#broken(from, reason)
  }
}

/**
 * Processes at the peers that we call a lot, each of them doing for us what `rex` does there for
 * everybody: it runs OTP's own server for rpc, is linked with us, and has no name.
 *
 * A spawn request is answered in two messages, and every message costs the peer a write to its
 * socket; a server answers in one. `rex` itself would do as well, but for `rpc:block_call`, with
 * which anybody holds it up.
 *   measured: 64 calls in flight on 2 cores: 1.2 to 1.6 times as many a second
 */
export class OwnRexes implements Runners {
  readonly #core: NodeCore
  readonly #groupLeader: Pid
  readonly #byPeer = new Map<string, OwnRex>()
  readonly #ended: (server: Pid, failure: Failure) => void
  #parent: Parent | undefined

  /** `ended` is told of a process that will not answer any more, although its node is there. */
  constructor(core: NodeCore, groupLeader: Pid, ended: (server: Pid, failure: Failure) => void) {
    this.#core = core
    this.#groupLeader = groupLeader
    this.#ended = ended
  }

  at(route: Route): Pid | undefined {
    const rex = this.#byPeer.get(route.name)
    if (rex?.creation !== route.creation) {
      this.#byPeer.set(route.name, { creation: route.creation, spawned: 1, server: undefined })
      return undefined
    }
    if (rex.server !== undefined) return rex.server
    rex.spawned += 1
    const { spawns, aliases } = route.features
    if (rex.spawned === manyCalls && spawns && aliases) void this.#start(rex, route)
    return undefined
  }

  /**
   * A peer where that fails, such as another node of ours, is not asked again in its life: calls go
   * on being spawned.
   */
  async #start(rex: OwnRex, route: Route): Promise<void> {
    try {
      const server = await this.#spawn(route)
      if (await this.#answers(server, route)) rex.server = server
      else if (route.isUp) {
        void route.post(Operation.Exit2, [this.#ownParent.pid, server], atom('kill'))
      }
    } catch (error) {
      const isLost = ErlangError.is(error) && error.code === 'ERR_ERL_NOCONNECTION'
      if (isLost && this.#byPeer.get(route.name) === rex) this.#byPeer.delete(route.name)
    }
  }

  /** As `proc_lib:spawn_link` of a process that becomes a gen_server. */
  async #spawn(route: Route): Promise<Pid> {
    const parent = this.#ownParent
    const spawn = new SpawnCall(this.#core, route.name, {
      module: atom('proc_lib'),
      function: atom('init_p'),
      args: [parent.pid, [], atom('gen_server'), atom('enter_loop'), [atom('rpc'), [], new Map()]],
      encode: undefined,
      parent,
      links: true,
      monitors: false,
      groupLeader: this.#groupLeader,
    })
    this.#core.calls.start(spawn, wait, route)
    return (await resultOf(spawn)) as Pid
  }

  /** Whether it does what we take it to do: its state is OTP's business. */
  async #answers(server: Pid, route: Route): Promise<boolean> {
    const runner = { at: () => server }
    const probe = new RpcCall(this.#core, route.name, this.#groupLeader, whoAreYou, runner)
    this.#core.calls.start(probe, wait, route)
    await probe.settled
    return isAtom(probe.outcome, route.name)
  }

  #broken(server: Pid, reason: Term): void {
    const { name } = server.node
    const rex = this.#byPeer.get(name)
    const isLost = isAtom(reason, 'noconnection')
    // Another hundred calls, and there is another one.
    if (isLost || rex?.server !== undefined) this.#byPeer.delete(name)
    // With the connection all calls are lost, and are told that.
    if (isLost) return
    const failure = new Failure(
      'ERR_ERL_REMOTE',
      `the process at ${name} that ran the calls of this node ended with ${brief(reason)}`,
      { reason, remoteClass: 'exit' },
    )
    this.#ended(server, failure)
  }

  get #ownParent(): Parent {
    if (this.#parent === undefined) {
      const { processes, identity } = this.#core
      const broken = (server: Pid, reason: Term) => this.#broken(server, reason)
      this.#parent = new Parent(identity.nextPid(), processes, broken)
      processes.add(this.#parent)
    }
    return this.#parent
  }
}
