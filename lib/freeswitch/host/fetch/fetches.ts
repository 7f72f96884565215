import { randomUUID } from 'node:crypto'
import { atom } from '../../../term/atom.js'
import type { Pid } from '../../../term/pid.js'
import type { Term, TermInput } from '../../../term/term.js'
import { tuple } from '../../../term/tuple.js'
import { pidKey } from '../../protocol/pid-key.js'
import { type FetchSection, isBoundTo, sectionLabel } from '../../protocol/sections.js'
import { writeText } from '../../protocol/text.js'
import type { HostCore, HostPart } from '../host-core.js'
import { type FetchOutcome, readFetchAnswer } from './fetch-answer.js'

/** More than anybody needs; each is asked on every fetch. */
const maxBindings = 10_000

/** What a fetch looks for. */
export interface FetchQuestion {
  readonly section: FetchSection
  readonly tag: string
  readonly key: string
  readonly value: string
  /** A list as that of an event, or empty. */
  readonly params: TermInput
}

interface Binding {
  readonly pid: Pid
  readonly key: string
  /** The sections that it named. */
  readonly mask: number
}

interface Pending {
  /** Those who were asked and have not ended. */
  readonly asked: Set<string>
  settle(outcome: FetchOutcome): void
}

/** The processes that answer lookups of XML, and the lookups that wait for them. */
export class Fetches implements HostPart {
  readonly #host: HostCore
  /** In the order of registration. */
  readonly #bindings = new Set<Binding>()
  readonly #byPid = new Map<string, Binding[]>()
  readonly #pending = new Map<string, Pending>()

  constructor(host: HostCore) {
    this.#host = host
  }

  /** `{bind, Section}`. False when there are too many. */
  bind(pid: Pid, mask: number): boolean {
    if (this.#bindings.size >= maxBindings) return false
    const binding = { pid, key: pidKey(pid), mask }
    this.#bindings.add(binding)
    const others = this.#byPid.get(binding.key)
    if (others === undefined) this.#byPid.set(binding.key, [binding])
    else others.push(binding)
    return true
  }

  /** `erlang bindings`. */
  describe(): string {
    const lines = Array.from(
      this.#bindings,
      ({ pid, mask }) => `${pid.node.name} ${sectionLabel(mask)}\n`,
    )
    return lines.join('') || 'No bindings\n'
  }

  /**
   * Asks every binding of the section, in the order of registration; the first answer counts,
   * whoever gives it.
   *
   * Shape: `{fetch, Section, Tag, Key, Value, Id, Params}`
   */
  ask(question: FetchQuestion): Promise<FetchOutcome> {
    const { process, options } = this.#host
    const bindings = [...this.#bindings].filter(({ mask }) => isBoundTo(mask, question.section))
    if (bindings.length === 0) return Promise.resolve({ kind: 'nothing', reason: 'unbound' })
    const id = randomUUID()
    const answer = this.#wait(id, new Set(bindings.map(({ key }) => key)))
    const text = (value: string) => writeText(value, options.encoding)
    const { section, tag, key, value, params } = question
    const message = tuple(
      atom('fetch'),
      atom(section),
      text(tag),
      text(key),
      text(value),
      text(id),
      params,
    )
    for (const { pid } of bindings) void process.send(pid, message)
    return answer
  }

  /** `{fetch_reply, Id, Xml}`. False when nobody waits for it (any more). */
  answered(id: string, xml: Term | undefined, from: Pid): boolean {
    const pending = this.#pending.get(id)
    pending?.settle(readFetchAnswer(xml, from))
    return pending !== undefined
  }

  processEnded(pid: Pid): void {
    this.#remove(this.#byPid.get(pidKey(pid)) ?? [])
  }

  nodeLost(peer: string): void {
    this.#remove([...this.#bindings].filter(({ pid }) => pid.node.name === peer))
  }

  close(): void {
    this.#bindings.clear()
    this.#byPid.clear()
    for (const pending of this.#pending.values()) {
      pending.settle({ kind: 'nothing', reason: 'closed' })
    }
  }

  #wait(id: string, asked: Set<string>): Promise<FetchOutcome> {
    return new Promise((resolve) => {
      const settle = (outcome: FetchOutcome) => {
        clearTimeout(timer)
        this.#pending.delete(id)
        resolve(outcome)
      }
      const late = () => settle({ kind: 'nothing', reason: 'timeout' })
      const timer = setTimeout(late, this.#host.options.fetchTimeoutMs)
      this.#pending.set(id, { asked, settle })
    })
  }

  /** FreeSWITCH goes on waiting for those who are gone. */
  #remove(gone: readonly Binding[]): void {
    if (gone.length === 0) return
    for (const binding of gone) {
      this.#bindings.delete(binding)
      this.#byPid.delete(binding.key)
    }
    for (const { asked, settle } of this.#pending.values()) {
      for (const { key } of gone) asked.delete(key)
      if (asked.size === 0) settle({ kind: 'nothing', reason: 'gone' })
    }
  }
}
