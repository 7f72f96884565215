/** The kinds of Erlang term that JavaScript has no value for, among those in the corpora. */

/** Interned by `atomOf`, so that atoms compare with `===`; keeps its own ETF for the encoder. */
export class Atom {
  constructor(name) {
    const text = Buffer.from(name, 'utf8')
    this.name = name
    this.etf = Buffer.concat([Buffer.from([119, text.length]), text])
  }
}

export class Tuple {
  constructor(elements) {
    this.elements = elements
  }
}

/**
 * A map as it stood on the wire: `[key, value, key, value, …]`. Binary keys are Buffers, which a
 * JavaScript Map could only find by identity, after giving each an identity hash at some cost; an
 * index by content would be built on the first look-up.
 */
export class FlatMap {
  constructor(entries) {
    this.entries = entries
  }
}

const atoms = new Map()

export function atomOf(name) {
  let atom = atoms.get(name)
  if (atom === undefined) {
    atom = new Atom(name)
    atoms.set(name, atom)
  }
  return atom
}
