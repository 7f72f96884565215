/** Pure JavaScript with one class per Erlang type; arrays are tuples; binaries stay Buffers. */
import { peerInstalled, requirePeer } from '../lib/context.mjs'
import { booleanOr, build } from '../lib/term.mjs'

export const available = () => peerInstalled('erlang_js')

const same = (value) => value

export function load() {
  const { Erlang } = requirePeer('erlang_js')

  const make = {
    atom: booleanOr((name) => new Erlang.OtpErlangAtom(name)),
    tuple: same,
    list: (items) => new Erlang.OtpErlangList(items),
    binary: (bytes) => new Erlang.OtpErlangBinary(bytes),
    dict: (pairs) => new Erlang.OtpErlangMap(new Map(pairs)),
    integer: same,
    float: same,
  }

  function plain(value) {
    if (Array.isArray(value)) return value.map(plain)
    if (value instanceof Erlang.OtpErlangList) return value.value.map(plain)
    if (value instanceof Erlang.OtpErlangAtom) return value.value
    if (value instanceof Erlang.OtpErlangBinary) return value.value.toString('utf8')
    if (!(value instanceof Erlang.OtpErlangMap)) return value
    return Object.fromEntries([...value.value].map(([key, item]) => [plain(key), plain(item)]))
  }

  /** Its functions take a callback, which they call before they return. */
  function answerOf(convert, input) {
    let output
    convert(input, (error, value) => {
      if (error) throw error
      output = value
    })
    return output
  }

  return {
    native: (term) => build(term, make),
    encode: (value) => answerOf(Erlang.term_to_binary, value),
    decode: (bytes) => answerOf(Erlang.binary_to_term, bytes),
    plain,
  }
}
