/** A row as Elixir programs pass them around: atom keys, binaries, integers, a struct. 200 bytes. */
import { hex, random } from './random.mjs'
import { atom, binary, Dict, integer, List } from './term.mjs'

const ROWS = 100
const STATES = ['pending', 'paid', 'packed', 'shipped']

const atomKeys = (object) =>
  new Dict(Object.entries(object).map(([key, value]) => [atom(key), value]))

function row(index, next) {
  const below = (limit) => Math.floor(next() * limit)
  return atomKeys({
    id: integer(100_000 + index),
    sku: binary(`sku-${hex(next, 8)}`),
    customer: binary(`user${100 + below(900)}@example.com`),
    status: atom(STATES[below(STATES.length)]),
    quantity: integer(1 + below(200)),
    total: atomKeys({
      __struct__: atom('Elixir.Shop.Money'),
      amount: integer(1000 + below(1e6)),
      currency: atom('eur'),
    }),
    updated_at: binary(`2026-03-0${1 + below(9)}T12:34:56Z`),
  })
}

export const elixirRow = () => row(1, random(7))

export function elixirRows(count = ROWS) {
  const next = random(7)
  return new List(Array.from({ length: count }, (_, index) => row(index + 1, next)))
}
