import { invalidArgument } from '../errors.js'
import { Atom, atom } from './atom.js'
import type { TermInput } from './term.js'

const ALIAS = /^(?:Elixir\.)?[A-Z][A-Za-z0-9_]*(?:\.[A-Z][A-Za-z0-9_]*)*$/

/**
 * The atom behind an Elixir module name: `elixir('Shop.Orders')` is `'Elixir.Shop.Orders'`.
 *
 * Errors: TypeError for what is no alias (a lower-case module is Erlang's: `atom('lists')`).
 */
export function elixir(alias: string): Atom {
  if (typeof alias !== 'string' || !ALIAS.test(alias)) {
    throw invalidArgument('alias', "an Elixir module name such as 'Shop.Orders'", alias)
  }
  return Atom.of(alias.startsWith('Elixir.') ? alias : `Elixir.${alias}`)
}

/**
 * An Elixir struct: the map of `fields` with atom keys and `__struct__`. Elixir fills in no defaults
 * for a struct that comes from outside, so give every field the module defines.
 */
export function struct(
  alias: string,
  fields: Readonly<Record<string, TermInput>> = {},
): Map<Atom | boolean, TermInput> {
  const map = new Map<Atom | boolean, TermInput>([[Atom.of('__struct__'), elixir(alias)]])
  for (const [key, value] of Object.entries(fields)) map.set(atom(key), value)
  return map
}
