/**
 * Reads the answer to a select as db_erlang does: it knows small and 32-bit integers, floats, atoms,
 * strings and, for a datetime column, tuples; on everything else it loses its place, which is an
 * error here. Written from the description of that module, for terms without compression.
 */
export function readAsDbErlang(bytes: Uint8Array): { fields: string[]; rows: unknown[][] } {
  const reader = new Reader(Buffer.from(bytes))
  reader.expect(131)
  if (reader.arity() !== 2) throw new Error('an answer is {Fields, Rows}')
  const types: string[] = []
  const fields = reader.list(() => {
    if (reader.arity() !== 5) throw new Error('a field has five elements')
    const name = reader.atom()
    types.push(reader.atom())
    for (let skipped = 0; skipped < 3; skipped++) reader.element('')
    return name
  })
  if (fields.length === 0) throw new Error('no fields')
  const bad = types.find((type) => !['int', 'string', 'float', 'datetime'].includes(type))
  if (bad !== undefined) throw new Error(`the type ${bad} is unknown`)
  const rows = reader.list(() => {
    const arity = reader.arity()
    if (arity !== fields.length) throw new Error(`a row of ${arity}`)
    return types.map((type) => reader.element(type))
  })
  if (!reader.isAtEnd) throw new Error('bytes are left')
  return { fields, rows }
}

class Reader {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length
  }

  expect(tag: number): void {
    const found = this.#bytes[this.#at++]
    if (found !== tag) throw new Error(`tag ${tag} expected, got ${found}`)
  }

  arity(): number {
    this.expect(104)
    return this.#number(1)
  }

  atom(): string {
    this.expect(119)
    return this.#text(this.#number(1))
  }

  list<Element>(read: () => Element): Element[] {
    if (this.#bytes[this.#at] === 106) {
      this.#at += 1
      return []
    }
    this.expect(108)
    const elements = Array.from({ length: this.#number(4) }, read)
    this.expect(106)
    return elements
  }

  element(type: string): unknown {
    switch (this.#bytes[this.#at]) {
      case 97:
        this.#at += 1
        return this.#number(1)
      case 98:
        this.#at += 5
        return this.#bytes.readInt32BE(this.#at - 4)
      case 70:
        this.#at += 9
        return this.#bytes.readDoubleBE(this.#at - 8)
      case 107:
        this.#at += 1
        return this.#text(this.#number(2))
      case 119:
        return this.atom()
      case 104:
        if (type !== 'datetime') throw new Error(`a tuple in a column of ${type}`)
        return this.#datetime()
      default:
        throw new Error(`tag ${this.#bytes[this.#at]} makes db_erlang lose its place`)
    }
  }

  #datetime(): unknown[] {
    this.arity()
    return [1, 2].map(() => Array.from({ length: this.arity() }, () => this.element('int')))
  }

  #number(size: number): number {
    this.#at += size
    return this.#bytes.readUIntBE(this.#at - size, size)
  }

  #text(length: number): string {
    this.#at += length
    return this.#bytes.toString('utf8', this.#at - length, this.#at)
  }
}
