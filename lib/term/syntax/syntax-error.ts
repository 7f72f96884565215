/** The excerpt shows at most this many characters on either side of the fault. */
const EXCERPT_REACH = 30

/** Text that is no term. `message` says all of it; the fields are for programs, such as editors. */
export class TermSyntaxError extends SyntaxError {
  /** From 1. */
  readonly line: number
  /** From 1, in UTF-16 units as `String.prototype.length` counts. */
  readonly column: number
  /** From 0, into the whole text. */
  readonly offset: number
  /** What would have been right there: `"," or "}"`. */
  readonly expected: string
  /** The line around the fault, and below it a mark. */
  readonly excerpt: string

  /** @internal */
  constructor(text: string, offset: number, expected: string, got: string) {
    const lineStart = text.lastIndexOf('\n', offset - 1) + 1
    const line = lineNumber(text, lineStart)
    const column = offset - lineStart + 1
    const excerpt = excerptOf(text, lineStart, offset)
    super(`expected ${expected}, got ${got} at line ${line}, column ${column}\n${excerpt}`)
    this.line = line
    this.column = column
    this.offset = offset
    this.expected = expected
    this.excerpt = excerpt
  }
}
Object.defineProperty(TermSyntaxError.prototype, 'name', { value: 'TermSyntaxError' })

function lineNumber(text: string, lineStart: number): number {
  let line = 1
  for (let at = text.indexOf('\n'); at !== -1 && at < lineStart; at = text.indexOf('\n', at + 1)) {
    line++
  }
  return line
}

function excerptOf(text: string, lineStart: number, offset: number): string {
  const newline = text.indexOf('\n', offset)
  const lineEnd = newline === -1 ? text.length : newline
  const from = Math.max(lineStart, offset - EXCERPT_REACH)
  const to = Math.min(lineEnd, offset + EXCERPT_REACH)
  const lead = from > lineStart ? '…' : ''
  // Tabs and control characters would put the mark elsewhere than where it points.
  const shown = text.slice(from, to).replace(/\p{Cc}/gu, ' ')
  const mark = `${' '.repeat(lead.length + offset - from)}^`
  return `${lead}${shown}${to < lineEnd ? '…' : ''}\n${mark}`
}
