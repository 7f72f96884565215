import { invalidArgument } from '../../errors.js'
import { atomName } from '../../node/atom-name.js'
import { atom } from '../../term/atom.js'
import { isTagged, type Term } from '../../term/term.js'
import { tuple } from '../../term/tuple.js'
import type { FetchSection } from '../protocol/sections.js'
import { SwitchEvent } from '../protocol/switch-event.js'
import { readSentText } from '../protocol/text.js'
import type { SwitchConnection } from './connection.js'
import { readOk, readOkText } from './reply.js'
import { Steps } from './steps.js'
import { SwitchProcess } from './switch-process.js'
import type { Kept, Upkeep } from './upkeep.js'

/** FreeSWITCH looks something up in its XML registry. */
export interface Lookup {
  readonly section: FetchSection
  /** What is looked for: an element `tag` whose attribute `key` is `value`. */
  readonly tag: string | undefined
  readonly key: string | undefined
  readonly value: string | undefined
  /** What FreeSWITCH knows besides; without headers when that is nothing. */
  readonly params: SwitchEvent
  readonly id: string
}

/**
 * Gives the whole document, `<document type="freeswitch/xml">…`, or undefined for "not found", upon
 * which FreeSWITCH asks its next source. It waits 5 s.
 */
export type FetchFunction = (request: Lookup) => string | undefined | Promise<string | undefined>

/** Told of what goes wrong with lookups. */
export interface FetchListener {
  /** The function threw, or gave what is no document. */
  failed(error: unknown): void
  /** The switch did not take the answer: it came too late, or the connection is gone. */
  unanswered(error: unknown, request: Lookup): void
}

const notFound =
  '<document type="freeswitch/xml"><section name="result"><result status="not found"/></section></document>'

/** One binding: a section and a function. */
export class FetchBinding implements Kept {
  readonly #connection: SwitchConnection
  readonly #upkeep: Upkeep
  readonly #section: FetchSection
  readonly #run: FetchFunction
  readonly #listener: FetchListener
  #process: SwitchProcess | undefined
  #isClosed = false
  readonly #steps = new Steps(
    () => this.#isBound || !this.isWanted,
    () => this.#bind(),
  )
  #isBound = false

  constructor(
    connection: SwitchConnection,
    upkeep: Upkeep,
    section: FetchSection,
    run: FetchFunction,
    listener: FetchListener,
  ) {
    this.#connection = connection
    this.#upkeep = upkeep
    this.#section = section
    this.#run = run
    this.#listener = listener
  }

  get isWanted(): boolean {
    return !this.#isClosed
  }

  sync(): Promise<void> {
    return this.#steps.run()
  }

  /** Takes the binding back: FreeSWITCH removes it when its process ends. Safe twice. */
  close(): void {
    this.#isClosed = true
    this.#process?.close()
    this.#upkeep.remove(this)
  }

  async #bind(): Promise<void> {
    const asked = `bind ${this.#section} of ${this.#connection.peer}`
    const message = tuple(atom('bind'), atom(this.#section))
    const process = this.#process ?? this.#newProcess()
    this.#process = process
    try {
      readOk(await process.ask(message, asked, this.#upkeep.wait()), asked)
    } catch (error) {
      // An answer that is still to come must not meet the next request.
      process.close()
      this.#process = undefined
      throw error
    }
    this.#isBound = true
  }

  #newProcess(): SwitchProcess {
    const process: SwitchProcess = new SwitchProcess(this.#connection, {
      message: (message) => void this.#message(message),
      lost: () => {
        if (process === this.#process) this.#lost()
      },
    })
    return process
  }

  #lost(): void {
    this.#isBound = false
    this.#upkeep.restore()
  }

  /** `{fetch, Section, Tag, Key, Value, Id, Params}`. Requests do not wait for each other. */
  async #message(message: Term): Promise<void> {
    if (!isTagged(message, 'fetch', 7)) return
    const [, section, tag, key, value, id, params] = message
    const request: Lookup = {
      section: (atomName(section) ?? this.#section) as FetchSection,
      tag: known(tag),
      key: known(key),
      value: known(value),
      id: readSentText(id) ?? '',
      params: SwitchEvent.fromList(params ?? []) ?? new SwitchEvent([]),
    }
    const document = await this.#document(request)
    try {
      // The id goes back as it came.
      await this.#answer(id ?? [], document)
    } catch (error) {
      if (!this.#isClosed) this.#listener.unanswered(error, request)
    }
  }

  async #document(request: Lookup): Promise<string> {
    try {
      const document = (await this.#run(request)) ?? notFound
      if (typeof document === 'string' && document !== '') return document
      throw invalidArgument('what a fetch handler gives', 'a document or undefined', document)
    } catch (error) {
      this.#listener.failed(error)
      return notFound
    }
  }

  /** As a binary, which may have any length. Errors: ERR_ERL_REMOTE `invalid_uuid` when too late. */
  async #answer(id: Term, document: string): Promise<void> {
    const asked = `fetch_reply of ${this.#connection.peer}`
    const message = tuple(atom('fetch_reply'), id, document)
    readOkText(await this.#connection.ask(message, asked, this.#upkeep.wait()), asked)
  }
}

/** What is not known comes as the text `undefined`. */
function known(term: Term | undefined): string | undefined {
  const text = readSentText(term)
  return text === 'undefined' ? undefined : text
}
