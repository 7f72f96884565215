/** What the parts of a term's text are. */
export interface Token {
  readonly kind: 'text' | 'atom' | 'number' | 'identifier' | 'mark'
  readonly text: string
}

const tokenPattern =
  /(?<text>"(?:[^"\\]|\\.)*")|(?<identifier>#(?:Ref|Port|Fun)<[^>]*>|<[^<>\s"]+\.\d+\.\d+>|fun [^\s,{}[\]]+)|(?<atom>'(?:[^'\\]|\\.)*'|[a-zß-öø-ÿ][\wÀ-ÖØ-öø-ÿ@]*)|(?<number>-?\d(?:[\w.]|e[-+])*)|(?<mark>=>|<<|>>|#\{|[\s\S])/gu

/** `util.styleText` asks a stream whether to; that has been decided elsewhere. */
const colors = { text: 32, atom: 36, number: 33, identifier: 35, fault: 31 } as const

export function painted(text: string, color: keyof typeof colors): string {
  return `\x1b[${colors[color]}m${text}\x1b[39m`
}

/** Takes the text that `format` makes of a term apart; the texts of the tokens make it again. */
export function tokensOf(termText: string): Token[] {
  return Array.from(termText.matchAll(tokenPattern), ({ 0: text, groups = {} }) => {
    const kind = Object.keys(groups).find((name) => groups[name] !== undefined)
    return { kind: (kind ?? 'mark') as Token['kind'], text }
  })
}

/** The text of a term with the colours of a terminal. */
export function paint(termText: string): string {
  return tokensOf(termText).map(paintToken).join('')
}

export function paintToken({ kind, text }: Token): string {
  return kind === 'mark' ? text : painted(text, kind)
}
