import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { ErlNode, type ErlOptions } from '../erl-node.js'
import type { Authority } from './certificates.js'

/** An Erlang node with distribution over TLS, whose root may be another one than ours. */
export function startTlsErl(optfile: string, options: ErlOptions = {}): Promise<ErlNode> {
  return ErlNode.start({
    ...options,
    args: ['-proto_dist', 'inet_tls', '-ssl_dist_optfile', optfile, ...(options.args ?? [])],
  })
}

/** Brings all files of the authorities to where Erlang nodes can read them, under the same names. */
export function placeForErl(...authorities: readonly Authority[]): void {
  const program = process.env.BEAMLINK_ERL
  if (program === undefined) return
  const files = authorities.flatMap(({ folder }) =>
    readdirSync(folder).map((name) => {
      const file = path.join(folder, name)
      return `{"${file}", <<"${readFileSync(file).toString('base64')}">>}`
    }),
  )
  const write = `[ok = begin ok = filelib:ensure_dir(F), file:write_file(F, base64:decode(B)) end
    || {F, B} <- [${files.join(',')}]], halt().`
  execFileSync(program, ['-noshell', '-noinput', '-eval', write], { stdio: 'pipe' })
}
