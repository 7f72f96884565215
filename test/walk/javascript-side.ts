import {
  type AnyTuple,
  type Atom,
  atom,
  callContext,
  type ErlangNode,
  isAtom,
  isTagged,
  type MailboxProcess,
  type MonitorAlias,
  Pid,
  type Process,
  Reference,
  type RemoteName,
  type Term,
  type TermInput,
  tuple,
} from 'beamlink'

interface Walker {
  readonly process: Process
  /** The latest first. */
  readonly monitors: Reference[]
  readonly aliases: Reference[]
}

/**
 * A side of a random walk on a node of ours: answers what `walk_driver.erl` asks as `walk_side.erl`
 * does, whose head comment lists the requests.
 */
export class JavaScriptSide {
  readonly #node: ErlangNode
  readonly #walkers = new Map<Term, Walker>()
  #ended: TermInput[] = []
  #log: TermInput[] = []

  constructor(node: ErlangNode) {
    this.#node = node
    node.register('walk', (message) => this.#received(message))
    node.expose('walk_side', { spawned: (id: Term) => this.#spawned(id) })
  }

  async #received(message: Term): Promise<void> {
    if (isTagged(message, 'disconnect', 2)) {
      await this.#node.disconnect(message[1] as Atom)
    } else if (isTagged(message, 'ask', 4)) {
      const answer = await this.#answer(message[3])
      await this.#node.send(message[1] as Pid, tuple(message[2], answer))
    }
  }

  #answer(request: Term): TermInput | Promise<TermInput> {
    const [name, id, ops] = spread(request)
    switch (name) {
      case 'reset':
        return this.#reset()
      case 'spawn':
        return this.#spawn(id)
      case 'act':
        this.#step()
        return this.#act(this.#walkers.get(id), ops as Term[])
      case 'step':
        return this.#step()
      case 'settle':
        return this.#settle()
      default:
        throw new Error(`a walk asks for ${name}`)
    }
  }

  #reset(): TermInput {
    for (const { process } of this.#walkers.values()) process.exit(atom('killed'))
    this.#walkers.clear()
    return this.#step()
  }

  /** Walkers of every kind: with a mailbox, with a handler, gen_servers. */
  #spawn(id: Term): Pid {
    switch (Number(id) % 3) {
      case 0:
        return this.#added(id, this.#withMailbox(id))
      case 1:
        return this.#added(id, this.#withHandler(id))
      default:
        return this.#added(id, this.#serving(id))
    }
  }

  /** A walker that another has spawned. */
  async #spawned(id: Term): Promise<void> {
    const self = callContext()?.self
    if (self === undefined) throw new Error('spawned by nobody')
    this.#added(id, self)
    await this.#listen(id, self)
  }

  #added(id: Term, process: Process): Pid {
    this.#walkers.set(id, { process, monitors: [], aliases: [] })
    void process.whenEnded.then((reason) => this.#ended.push(tuple(id, reason)))
    return process.pid
  }

  async #listen(id: Term, self: MailboxProcess): Promise<void> {
    for await (const message of self) this.#log.push(tuple(id, message))
  }

  #withMailbox(id: Term): Process {
    return this.#node.spawn((self) => this.#listen(id, self))
  }

  #withHandler(id: Term): Process {
    const process = this.#node.register('newborn', (message) => {
      this.#log.push(tuple(id, message))
    })
    process.unregister()
    return process
  }

  #serving(id: Term): Process {
    return this.#node.serve(undefined, {
      info: (message) => {
        this.#log.push(tuple(id, message))
      },
    })
  }

  #step(): TermInput {
    this.#ended = []
    this.#log = []
    return atom('ok')
  }

  async #act(walker: Walker | undefined, ops: Term[]): Promise<TermInput> {
    const results: TermInput[] = []
    for (const op of ops) {
      if (walker?.process.isAlive !== true) break
      const [name, first, second, third] = spread(op)
      const act = acts[name]
      if (act === undefined) throw new Error(`a walker is told to ${name}`)
      const result = act({ ...walker, node: this.#node }, first, second, third)
      results.push(result instanceof Promise ? await result : result)
    }
    return walker?.process.isAlive === true ? results : atom('gone')
  }

  /** All that came before is dealt with once the loop has turned. */
  async #settle(): Promise<TermInput> {
    await new Promise(setImmediate)
    await new Promise(setImmediate)
    return tuple(this.#ended, this.#log)
  }
}

/** A request or an operation: a name, or a tuple that begins with it. */
function spread(term: Term): [name: string, first: Term, second: Term, third: Term] {
  if (isAtom(term)) return [term.name, null, null, null]
  const [name, first = null, second = null, third = null] = (term as AnyTuple).elements
  return [(name as Atom).name, first, second, third]
}

/** As Erlang's options name them. */
const monitorAliases: Record<string, MonitorAlias> = {
  explicit_unalias: 'explicitUnalias',
  demonitor: 'demonitor',
  reply_demonitor: 'replyDemonitor',
}

type Act = (
  walker: Walker & { readonly node: ErlangNode },
  first: Term,
  second: Term,
  third: Term,
) => TermInput | Promise<TermInput>

/** What a walker can be told to do. Each gives what Erlang's function of the same kind gives. */
const acts: Record<string, Act> = {
  link({ process }, pid) {
    process.link(pid as Pid)
    return true
  },
  unlink({ process }, pid) {
    process.unlink(pid as Pid)
    return true
  },
  monitor({ process, monitors, aliases }, target, alias) {
    const object = destination(target) as Pid | RemoteName
    if (alias === null) return added(monitors, process.monitor(object))
    const ref = process.monitor(object, {
      alias: monitorAliases[(alias as Atom).name] ?? 'demonitor',
    })
    return added(aliases, added(monitors, ref))
  },
  demonitor({ process, monitors }, back, options) {
    const flush = (options as Term[]).length > 0
    return lastBut(monitors, back, (ref) => process.demonitor(ref, { flush }))
  },
  exit({ process }, pid, reason) {
    process.exitSignal(pid as Pid, reason)
    return true
  },
  stop({ process }, reason) {
    process.exit(reason)
    return true
  },
  trap({ process }, traps) {
    const before = process.trapExit
    process.trapExit = traps as boolean
    return before
  },
  alias({ process, aliases }, options) {
    return added(aliases, process.alias({ once: (options as Term[]).length > 0 }))
  },
  unalias({ process, aliases }, back) {
    return lastBut(aliases, back, (ref) => process.unalias(ref))
  },
  send({ process }, to, message) {
    void process.send(destination(to), message)
    return atom('ok')
  },
  register({ process }, name) {
    return succeeds(() => process.register(name as Atom))
  },
  unregister({ process }) {
    return process.unregister() || atom('none')
  },
  async spawn({ node, process, monitors }, peer, id, options) {
    const [link, monitor] = ['link', 'monitor'].map((name) =>
      (options as Term[]).some((option) => option === atom(name)),
    )
    const place = [peer as Atom, 'walk_side', 'spawned', [id]] as const
    const common = { parent: process, link: link === true }
    if (monitor !== true) return await node.spawnAt(...place, common)
    const [pid, ref] = await node.spawnAt(...place, { ...common, monitor: true })
    return tuple(pid, added(monitors, ref))
  },
  monitor_node({ process }, name, flag) {
    process.monitorNode(name as Atom, flag as boolean)
    return true
  },
}

function added(refs: Reference[], ref: Reference): Reference {
  refs.unshift(ref)
  return ref
}

/** The last one but `back`, going round. */
function lastBut(
  refs: readonly Reference[],
  back: Term,
  use: (ref: Reference) => boolean,
): TermInput {
  const ref = refs[Number(back) % refs.length]
  return ref === undefined ? atom('none') : use(ref)
}

/** Erlang answers `true` or raises `badarg`. */
function succeeds(act: () => void): TermInput {
  try {
    act()
    return true
  } catch (error) {
    if (error instanceof RangeError) return atom('error')
    throw error
  }
}

function destination(to: Term): Pid | Reference | RemoteName {
  if (Pid.is(to) || Reference.is(to)) return to
  const [name, node] = (to as AnyTuple).elements as [Atom, Atom]
  return { name, node }
}
