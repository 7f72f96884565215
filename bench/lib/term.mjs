/**
 * A neutral description of Erlang terms, from which every codec builds values of its own types.
 */
export class Atom {
  constructor(name) {
    this.name = name
  }
}

export class Tuple {
  constructor(items) {
    this.items = items
  }
}

export class List {
  constructor(items) {
    this.items = items
  }
}

export class Binary {
  constructor(content) {
    this.bytes = Buffer.from(content)
  }
}

export class Dict {
  constructor(pairs) {
    this.pairs = pairs
  }
}

/** A safe integer. */
export class Integer {
  constructor(value) {
    this.value = value
  }
}

export class Float {
  constructor(value) {
    this.value = value
  }
}

export const atom = (name) => new Atom(name)
export const tuple = (...items) => new Tuple(items)
export const list = (...items) => new List(items)
export const binary = (content) => new Binary(content)
export const integer = (value) => new Integer(value)
export const float = (value) => new Float(value)
/** A map with binaries as keys. */
export const dict = (object) =>
  new Dict(Object.entries(object).map(([key, value]) => [binary(key), value]))

/** Builds a value with a table of constructors, one per kind of term. */
export function build(term, make) {
  switch (term.constructor) {
    case Atom:
      return make.atom(term.name)
    case Tuple:
      return make.tuple(term.items.map((item) => build(item, make)))
    case List:
      return make.list(term.items.map((item) => build(item, make)))
    case Binary:
      return make.binary(term.bytes)
    case Dict:
      return make.dict(term.pairs.map(([key, value]) => [build(key, make), build(value, make)]))
    case Integer:
      return make.integer(term.value)
    case Float:
      return make.float(term.value)
    default:
      throw new TypeError(`unknown term ${term}`)
  }
}

export const booleanOr = (make) => (name) =>
  name === 'true' ? true : name === 'false' ? false : make(name)

const same = (value) => value

/**
 * What a term means in ordinary JavaScript: what the yardsticks (JSON, v8, MessagePack) work on, and
 * what a decoder's value is compared with.
 */
export const plain = (term) =>
  build(term, {
    atom: booleanOr(same),
    tuple: same,
    list: same,
    binary: (bytes) => bytes.toString('utf8'),
    dict: (pairs) => Object.fromEntries(pairs),
    integer: same,
    float: same,
  })

/**
 * As `plain`, but a term that is one binary is that Buffer: nobody holds a megabyte of bytes as text
 * where his format has binaries.
 */
export const plainOrBytes = (term) => (term instanceof Binary ? term.bytes : plain(term))
