import { setTimeout as sleep } from 'node:timers/promises'
import {
  atom,
  ErlangError,
  type ErlangNode,
  elixir,
  isAtom,
  isTagged,
  type Process,
  type RemoteName,
  type Term,
  type TermInput,
  tuple,
} from 'beamlink'

export interface Item {
  readonly sku: string
  readonly name: string
  readonly count: number
}

/** What the GenServer answers when it cannot do what it was asked. */
export class Refused extends Error {
  readonly reason: 'not_found' | 'sold_out'

  constructor(reason: 'not_found' | 'sold_out') {
    super(reason)
    this.reason = reason
  }
}

const watchAgainMs = 500

/** The GenServer `Shop.Stock` at a node. Errors: Refused; ErlangError, as `ErlangNode.call` has them. */
export class Stock {
  readonly #node: ErlangNode
  readonly #server: RemoteName
  readonly #timeoutMs: number

  constructor(node: ErlangNode, peer: string, timeoutMs: number) {
    this.#node = node
    this.#server = { name: elixir('Shop.Stock'), node: peer }
    this.#timeoutMs = timeoutMs
  }

  get(sku: string): Promise<Item> {
    return this.#ask(tuple(atom('get'), sku))
  }

  take(sku: string, count: number): Promise<Item> {
    return this.#ask(tuple(atom('take'), sku, count))
  }

  /** Whether it can be asked: its node answers, and it is registered there. */
  async isUp(): Promise<boolean> {
    const { name, node = '' } = this.#server
    const options = { timeoutMs: this.#timeoutMs }
    const found = await this.#node.rpc(node, 'erlang', 'whereis', [name], options).catch(() => null)
    return found !== null && !isAtom(found, 'undefined')
  }

  /** Has every change told to `changed`. When the server or its node goes, it asks again. */
  watch(changed: (item: Item) => void): Process {
    return this.#node.spawn(async (self) => {
      for (;;) {
        self.monitor(this.#server)
        // Nothing is lost when it fails: the monitor tells.
        void this.#node.cast(this.#server, tuple(atom('watch'), self.pid))
        await tell(self, changed)
        await sleep(watchAgainMs)
      }
    })
  }

  async #ask(request: TermInput): Promise<Item> {
    const answer = await this.#node.call(this.#server, request, { timeoutMs: this.#timeoutMs })
    if (isTagged(answer, 'ok', 2)) return itemOf(answer[1])
    if (isTagged(answer, 'error', 2)) {
      const [, reason] = answer
      if (isAtom(reason, 'not_found') || isAtom(reason, 'sold_out')) throw new Refused(reason.name)
    }
    throw unexpected(answer)
  }
}

/** Until the watched server is down. */
async function tell(messages: AsyncIterable<Term>, changed: (item: Item) => void): Promise<void> {
  for await (const message of messages) {
    if (isTagged(message, 'DOWN', 5)) return
    if (isTagged(message, 'stock_changed', 2)) changed(itemOf(message[1]))
  }
}

/** With `decode: 'elixir'` strings are strings, and maps with atoms as keys are objects. */
function itemOf(term: Term): Item {
  const { sku, name, count } = (term ?? {}) as { [key in keyof Item]?: Term }
  if (typeof sku === 'string' && typeof name === 'string' && typeof count === 'number') {
    return { sku, name, count }
  }
  throw unexpected(term)
}

function unexpected(term: Term): ErlangError {
  return new ErlangError('ERR_ERL_REMOTE', 'Shop.Stock answered something else', { reason: term })
}
