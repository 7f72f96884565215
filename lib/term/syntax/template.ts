import { codePointsOf } from '../kind.js'
import { ErlangDialect, isErlangComment } from './erlang.js'
import { Reader } from './reader.js'
import { HOLE_TEXT, Source } from './source.js'
import type { Choices } from './words.js'

/** Templates are compiled to functions that call one another, which so deep costs little. */
const MAX_DEPTH = 500

/** The term of a template, with placeholders, and its text. */
export interface ReadTemplate {
  readonly root: unknown
  readonly source: Source
}

/** Reads what stands between the values of a template. */
export function readTemplate(strings: TemplateStringsArray, hasVariables: boolean): ReadTemplate {
  const holes: number[] = []
  let text = ''
  // Raw, since backslashes are Erlang's to read.
  strings.raw.forEach((part, i) => {
    if (i > 0) {
      holes.push(text.length)
      text += HOLE_TEXT
    }
    text += part
  })
  const choices: Choices = {
    origin: { node: undefined, creation: 0 },
    string: codePointsOf,
    binary: (bytes) => bytes,
    hasVariables,
  }
  const source = new Source(text, isErlangComment, holes)
  const reader = new Reader(source, new ErlangDialect(choices), MAX_DEPTH, true)
  return { root: reader.readAll(), source }
}

/** True for what a tag of a template gets first. */
export function isTemplate(strings: unknown): strings is TemplateStringsArray {
  return Array.isArray(strings) && Array.isArray((strings as { raw?: unknown }).raw as unknown)
}
