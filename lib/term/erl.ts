import { invalidArgument } from '../errors.js'
import { type Build, compileBuild } from './syntax/build.js'
import { isTemplate, readTemplate } from './syntax/template.js'
import type { Term, TermInput } from './term.js'

/** One place in a program has one array of strings, however often it is run. */
const compiled = new WeakMap<TemplateStringsArray, Build>()

/**
 * The term of a template in Erlang's syntax: erl`{order, ${id}, [{qty, ${n}}]}`. A value is a whole
 * term (or a segment of a binary, or its size), whatever it holds: it is never read as text. The
 * template is read once for each place in the program; each run makes the term anew.
 *
 *   erl`[${first} | ${rest}]`   erl`#{${key} => ${value}}`   erl`<<${length}:16, ${bytes}/binary>>`
 *
 * Errors: TermSyntaxError for a template that is no term; TypeError for a value that has no Erlang
 *         form or does not fit where it stands.
 */
export function erl(strings: TemplateStringsArray, ...values: readonly Term[]): Term
export function erl(strings: TemplateStringsArray, ...values: readonly TermInput[]): TermInput
export function erl(strings: TemplateStringsArray, ...values: readonly TermInput[]): TermInput {
  let build = compiled.get(strings)
  if (build === undefined) {
    if (!isTemplate(strings)) {
      throw invalidArgument('erl', 'used as a tag, erl`{ok, 1}` (parse reads strings)', strings)
    }
    const { root, source } = readTemplate(strings, false)
    build = compileBuild(root, source)
    compiled.set(strings, build)
  }
  return build(values) as TermInput
}
