/** Whom the dialplan application `erlang` hands a call to. */
export type AttachTarget =
  | { readonly kind: 'name'; readonly name: string; readonly node: string }
  /** `name:!`: that process is asked for a pid. */
  | { readonly kind: 'getPid'; readonly name: string; readonly node: string }
  /** `module:function`: that function is asked for a pid. */
  | {
      readonly kind: 'rpc'
      readonly module: string
      readonly function: string
      readonly node: string
    }

/** What an escaped letter stands for, where that is not the letter itself. */
const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', s: ' ' }

const escapeSequence = /\\(['"\\ nrts])/.source
const quoted = `'((?:[^'\\\\]|\\\\['"\\\\ nrts]|\\\\(?!['"\\\\ nrts]))*)'`
const wordPattern = new RegExp(`(?:${escapeSequence}|${quoted}|[^ ])+`, 'g')
const special = new RegExp(`${escapeSequence}|${quoted}`, 'g')

/**
 * Reads the arguments of the application: `<name> <node>`, `<name>:! <node>` or
 * `<module>:<function> <node>`. Words after those are passed over.
 *
 * Returns: undefined when there are fewer than two words, or half of a pair is missing.
 * Source:  mod_erlang_event.c, erlang_outbound_function; seed-systems 2.7.
 */
export function parseTarget(text: string): AttachTarget | undefined {
  const [who, node] = separate(text)
  if (!who || !node) return undefined
  const parts = who.split(':')
  const [first = '', second = ''] = parts
  if (parts.length !== 2) return { kind: 'name', name: who, node }
  if (first === '' || second === '') return undefined
  if (second === '!') return { kind: 'getPid', name: first, node }
  return { kind: 'rpc', module: first, function: second, node }
}

/**
 * Splits at blanks, as FreeSWITCH splits arguments: text in single quotes is one word, a quote that
 * is never closed is a letter, and so is a backslash before a letter that has no escape.
 */
export function separate(text: string): string[] {
  return (text.match(wordPattern) ?? []).map(unquote)
}

function unquote(word: string): string {
  return word.replace(special, (_, escaped?: string, inner?: string) =>
    escaped === undefined ? unquote(inner ?? '') : (escapes[escaped] ?? escaped),
  )
}
