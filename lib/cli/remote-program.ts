import {
  atom,
  charlist,
  ErlangError,
  type ErlangNode,
  isTagged,
  type RpcOptions,
  type Term,
  type TermInput,
  tuple,
} from '../index.js'

/** Abstract forms of Erlang text, by the peer's own scanner and parser. Errors: those of calls. */
export async function parseProgram(
  node: ErlangNode,
  peer: string,
  source: string,
  options: RpcOptions,
): Promise<Term> {
  const scanned = await node.rpc(peer, 'erl_scan', 'string', [charlist(source)], options)
  const tokens = isTagged(scanned, 'ok', 3) ? scanned[1] : []
  const parsed = await node.rpc(peer, 'erl_parse', 'parse_exprs', [tokens], options)
  if (isTagged(parsed, 'ok', 2)) return parsed[1]
  throw new ErlangError('ERR_ERL_PROTOCOL', `${peer} has another erl_parse than OTP's`)
}

/** Variables as `erl_eval` takes them: sorted by their names, as `orddict` has them. */
export function bindingsOf(variables: Readonly<Record<string, TermInput>>): TermInput[] {
  const names = Object.keys(variables).sort()
  return names.map((name) => tuple(atom(name), variables[name] as TermInput))
}

/** Runs Erlang text at a peer and gives its value. Errors: those of calls. */
export async function runProgram(
  node: ErlangNode,
  peer: string,
  source: string,
  variables: Readonly<Record<string, TermInput>>,
  options: RpcOptions,
): Promise<Term> {
  const program = await parseProgram(node, peer, source, options)
  const args = [program, bindingsOf(variables)]
  const result = await node.rpc(peer, 'erl_eval', 'exprs', args, options)
  if (isTagged(result, 'value', 3)) return result[1]
  throw new ErlangError('ERR_ERL_PROTOCOL', `${peer} has another erl_eval than OTP's`)
}
