/** Something that an abort ends. */
export interface Abortable {
  abort(signal: AbortSignal): void
}

/**
 * One listener for each signal, however many calls share it: Node warns of a leak when there are
 * more than ten on one signal.
 */
export class AbortListeners {
  readonly #bySignal = new Map<AbortSignal, Set<Abortable>>()

  add(signal: AbortSignal, entry: Abortable): void {
    let entries = this.#bySignal.get(signal)
    if (entries === undefined) {
      entries = new Set()
      this.#bySignal.set(signal, entries)
      signal.addEventListener('abort', this)
    }
    entries.add(entry)
  }

  remove(signal: AbortSignal, entry: Abortable): void {
    const entries = this.#bySignal.get(signal)
    entries?.delete(entry)
    if (entries?.size !== 0) return
    this.#bySignal.delete(signal)
    signal.removeEventListener('abort', this)
  }

  /** @internal called by the signal */
  handleEvent({ target }: Event): void {
    if (!(target instanceof AbortSignal)) return
    for (const entry of this.#bySignal.get(target) ?? []) entry.abort(target)
  }
}
