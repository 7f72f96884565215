/** Entries by their keys; one alone is its own table. */
export type OneOrMany<Entry> = Entry | Map<string, Entry>

/**
 * Tables for owners of which most have one entry at a time, and of which there may be very many:
 * only from the second entry on a table costs anything.
 */
export class Tables<Entry extends object, Key> {
  readonly #keyOf: (entry: Entry) => Key
  readonly #textOf: (key: Key) => string
  readonly #isSame: (a: Key, b: Key) => boolean

  constructor(
    keyOf: (entry: Entry) => Key,
    textOf: (key: Key) => string,
    isSame: (a: Key, b: Key) => boolean,
  ) {
    this.#keyOf = keyOf
    this.#textOf = textOf
    this.#isSame = isSame
  }

  find(table: OneOrMany<Entry> | undefined, key: Key): Entry | undefined {
    if (table instanceof Map) return table.get(this.#textOf(key))
    return table !== undefined && this.#isSame(this.#keyOf(table), key) ? table : undefined
  }

  with(table: OneOrMany<Entry> | undefined, entry: Entry): OneOrMany<Entry> {
    if (table === undefined) return entry
    const many = table instanceof Map ? table : new Map([[this.#text(table), table]])
    return many.set(this.#text(entry), entry)
  }

  /** The table without an entry of it; undefined when no other is left. */
  without(table: OneOrMany<Entry> | undefined, entry: Entry): OneOrMany<Entry> | undefined {
    if (!(table instanceof Map)) return table === entry ? undefined : table
    table.delete(this.#text(entry))
    return table.size === 0 ? undefined : table
  }

  all(table: OneOrMany<Entry>): Iterable<Entry> {
    return table instanceof Map ? table.values() : [table]
  }

  #text(entry: Entry): string {
    return this.#textOf(this.#keyOf(entry))
  }
}
