import type { Column, Schema, StoredValue, StoredValues, Table } from './schema.js'
import type { Condition, Match, Store, StoredRow } from './store.js'
import { orderOf } from './value-order.js'

/** Keeps rows as long as the process lives. Keys are found at once, everything else by looking at each row. */
export class MemoryStore implements Store {
  readonly #tables = new Map<string, MemoryTable>()

  open(schema: Schema): void {
    for (const table of schema.tables) {
      if (!this.#tables.has(table.name)) this.#tables.set(table.name, new MemoryTable(table))
    }
  }

  select(table: Table, columns: readonly Column[], match: Match): StoredRow[] {
    const rows = this.#rows(table).matching(match)
    return rows.map((row) => columns.map(({ name }) => row[name] ?? null))
  }

  insert(table: Table, row: StoredValues): void {
    this.#rows(table).exchange([], [row])
  }

  update(table: Table, values: StoredValues, match: Match): number {
    const rows = this.#rows(table)
    const before = rows.matching(match)
    rows.exchange(
      before,
      before.map((row) => ({ ...row, ...values })),
    )
    return before.length
  }

  delete(table: Table, match: Match): number {
    const rows = this.#rows(table)
    const before = rows.matching(match)
    rows.exchange(before, [])
    return before.length
  }

  replace(table: Table, row: StoredValues, match: Match): void {
    const rows = this.#rows(table)
    rows.exchange(rows.matching(match), [row])
  }

  insertOrUpdate(table: Table, values: StoredValues, row: StoredValues, match: Match): void {
    if (this.update(table, values, match) === 0) this.insert(table, row)
  }

  #rows(table: Table): MemoryTable {
    const rows = this.#tables.get(table.name)
    if (rows === undefined) throw new RangeError(`the store has no table ${table.name}`)
    return rows
  }
}

interface Key {
  readonly columns: readonly string[]
  readonly rows: Map<string, StoredValues>
}

class MemoryTable {
  readonly #table: Table
  readonly #rows = new Set<StoredValues>()
  readonly #keys: readonly Key[]
  readonly #numbered: Column | undefined
  #lastNumber = 0

  constructor(table: Table) {
    this.#table = table
    this.#numbered = table.columns.find(({ autoIncrement }) => autoIncrement)
    const keys = table.keys.map((columns) => ({ columns, rows: new Map() }))
    this.#keys = this.#numbered
      ? [...keys, { columns: [this.#numbered.name], rows: new Map() }]
      : keys
  }

  matching(match: Match): StoredValues[] {
    return this.#candidates(match).filter((row) => match.every((one) => holds(one, row)))
  }

  /** Takes rows out and puts others in; none of it happens when a key would no longer be unique. */
  exchange(out: readonly StoredValues[], into: readonly StoredValues[]): void {
    for (const row of out) this.#remove(row)
    const added: StoredValues[] = []
    try {
      for (const row of into) {
        const whole = this.#withNumber(row)
        this.#checkKeys(whole)
        this.#add(whole)
        added.push(whole)
      }
    } catch (error) {
      for (const row of added) this.#remove(row)
      for (const row of out) this.#add(row)
      throw error
    }
  }

  #candidates(match: Match): StoredValues[] {
    const equal = new Map<string, StoredValue>()
    for (const { column, operator, value } of match) {
      if (operator === '=' && value !== null) equal.set(column.name, value)
    }
    const key = this.#keys.find(({ columns }) => columns.every((name) => equal.has(name)))
    if (key === undefined) return [...this.#rows]
    const row = key.rows.get(textOf(key.columns, Object.fromEntries(equal)) ?? '')
    return row === undefined ? [] : [row]
  }

  #checkKeys(row: StoredValues): void {
    for (const { columns, rows } of this.#keys) {
      const text = textOf(columns, row)
      if (text !== undefined && rows.has(text)) {
        throw new RangeError(`${columns.join(', ')} of ${this.#table.name} must be unique`)
      }
    }
  }

  #add(row: StoredValues): void {
    this.#rows.add(row)
    for (const { columns, rows } of this.#keys) {
      const text = textOf(columns, row)
      if (text !== undefined) rows.set(text, row)
    }
  }

  #remove(row: StoredValues): void {
    this.#rows.delete(row)
    for (const { columns, rows } of this.#keys) {
      const text = textOf(columns, row)
      if (text !== undefined) rows.delete(text)
    }
  }

  #withNumber(row: StoredValues): StoredValues {
    if (this.#numbered === undefined) return row
    const given = row[this.#numbered.name] ?? null
    const number = given === null ? this.#lastNumber + 1 : Number(given)
    this.#lastNumber = Math.max(this.#lastNumber, number)
    return given === null ? { ...row, [this.#numbered.name]: number } : row
  }
}

/** The same text for the same values; undefined when one is NULL, which equals nothing. */
function textOf(columns: readonly string[], row: StoredValues): string | undefined {
  const texts: string[] = []
  for (const name of columns) {
    const value = row[name] ?? null
    if (value === null) return undefined
    texts.push(value instanceof Uint8Array ? Buffer.from(value).toString('hex') : String(value))
  }
  return JSON.stringify(texts)
}

function holds({ column, operator, value }: Condition, row: StoredValues): boolean {
  const stored = row[column.name] ?? null
  if (operator === '=' && value === null) return stored === null
  if (operator === '!=' && value === null) return stored !== null
  if (stored === null || value === null) return false
  const order = orderOf(stored, value)
  switch (operator) {
    case '=':
      return order === 0
    case '!=':
      return order !== 0
    case '<':
      return order < 0
    case '>':
      return order > 0
    case '<=':
      return order <= 0
    case '>=':
      return order >= 0
    case '&':
      return (BigInt(stored as number) & BigInt(value as number)) !== 0n
  }
}
