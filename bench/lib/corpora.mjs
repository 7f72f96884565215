/** The corpora of the codec part: deterministic, generated, never read from disk. */
import { channelEvent } from './channel-event.mjs'
import { elixirRows } from './elixir-row.mjs'
import { hex, random } from './random.mjs'
import { atom, binary, dict, float, integer, List, list, tuple } from './term.mjs'

const FIRST_NAMES = [
  ...['alice', 'bob', 'carol', 'dave', 'erin'],
  ...['frank', 'grace', 'heidi', 'ivan', 'Zoë'],
]
const LAST_NAMES = [
  ...['Smith', 'Jones', 'Brown', 'Miller', 'García'],
  ...['Nowak', 'Rossi', 'Kim', 'Singh', 'Olsen'],
]

const many = (count, make) => new List(Array.from({ length: count }, (_, index) => make(index)))

function users() {
  const next = random(3)
  const below = (limit) => Math.floor(next() * limit)
  const pick = (values) => values[below(values.length)]
  return many(1000, (index) =>
    dict({
      id: integer(index + 1),
      name: binary(`${pick(FIRST_NAMES)} ${pick(LAST_NAMES)}`),
      email: binary(`user${index}@example.com`),
      age: integer(18 + below(70)),
      active: atom(next() < 0.5 ? 'true' : 'false'),
      score: float(below(1e6) / 1000 + 0.0005),
      balance: integer(below(2e6) - 1e6),
      tags: list(binary('red'), binary('green'), binary(pick(['blue', 'black', 'white']))),
      address: dict({
        street: binary(`${below(999)} Main Street`),
        city: binary(pick(['Oslo', 'Paris', 'Lima', 'Kyoto'])),
        zip: binary(hex(next, 5)),
      }),
    }),
  )
}

function smallIntegers() {
  const next = random(41)
  return many(10_000, () => integer(Math.floor(next() * 2500) - 500))
}

/** Above 32 bits, within what JavaScript numbers hold exactly. */
function bigIntegers() {
  const next = random(42)
  return many(10_000, () => {
    const sign = next() < 0.5 ? -1 : 1
    return integer(sign * (2 ** 31 + 1 + Math.floor(next() * 2 ** 52)))
  })
}

/** Printable, so that the codecs which know only text can take it. */
function megabyte() {
  const next = random(5)
  return binary(Uint8Array.from({ length: 1 << 20 }, () => 32 + Math.floor(next() * 95)))
}

function floats() {
  const next = random(6)
  return many(10_000, () => float((next() - 0.5) * 1e6 + 0.125))
}

function deep() {
  let term = list(atom('end'))
  for (let level = 500; level > 0; level--) term = list(integer(level & 255), term)
  return term
}

const rpcReply = () =>
  tuple(
    atom('ok'),
    list(
      tuple(atom('id'), integer(1)),
      tuple(atom('name'), binary('alice')),
      tuple(atom('active'), atom('true')),
    ),
  )

export const corpora = {
  rpc_reply: rpcReply,
  fs_event: channelEvent,
  users_1k: users,
  elixir_rows: () => elixirRows(),
  ints_small: smallIntegers,
  ints_big: bigIntegers,
  bin_1m: megabyte,
  floats_10k: floats,
  deep_500: deep,
  atoms_2k: () => many(2000, (index) => atom(`bench_atom_${index}_${(index * 7919) % 1000}`)),
}
