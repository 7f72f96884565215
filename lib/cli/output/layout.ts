import { type Token, tokensOf } from './paint.js'

const closing: Readonly<Record<string, string>> = { '{': '}', '[': ']', '#{': '}', '<<': '>>' }

/** Something in brackets: its elements, each a row of tokens and of other groups. */
interface Group {
  readonly open: string
  readonly close: string
  readonly elements: Element[]
  /** What stands before each element: `,`, or `|` before the tail of an improper list. */
  readonly separators: string[]
}
type Element = (Token | Group)[]

/**
 * Breaks the text of a term into lines of `width`: what does not fit has its elements below each other,
 * as the Erlang shell prints it. Gives tokens, so that they can be painted afterwards.
 */
export function layOut(termText: string, width: number): Token[] {
  const tokens = tokensOf(termText)
  if (termText.length <= width || isTooDeep(tokens)) return tokens
  const { element } = readElement(tokens, 0)
  const lines: Token[] = []
  write(element, 0, width, lines)
  return lines
}

/** Deeper than any screen shows: such terms stay on one line. */
const mostLevels = 100

function isTooDeep(tokens: readonly Token[]): boolean {
  let level = 0
  return tokens.some(({ kind, text }) => {
    if (kind !== 'mark') return false
    if (text in closing) level += 1
    else if (text === '}' || text === ']' || text === '>>') level -= 1
    return level > mostLevels
  })
}

function readElement(tokens: readonly Token[], start: number): { element: Element; end: number } {
  const element: Element = []
  let at = start
  for (; at < tokens.length; at += 1) {
    const token = tokens[at] as Token
    if (isEnd(token)) break
    if (token.kind === 'mark' && token.text in closing) {
      const { group, end } = readGroup(tokens, at)
      element.push(group)
      at = end
    } else element.push(token)
  }
  return { element, end: at }
}

function isEnd({ kind, text }: Token): boolean {
  return kind === 'mark' && [',', '|', '}', ']', '>>'].includes(text)
}

/** From the opening bracket at `start` to the closing one at `end`. */
function readGroup(tokens: readonly Token[], start: number): { group: Group; end: number } {
  const open = (tokens[start] as Token).text
  const group: Group = { open, close: closing[open] as string, elements: [], separators: [] }
  let at = start
  let separator = ''
  do {
    const { element, end } = readElement(tokens, at + 1)
    group.elements.push(element)
    group.separators.push(separator)
    separator = tokens[end]?.text ?? group.close
    at = end
  } while (separator === ',' || separator === '|')
  return { group, end: at }
}

function lengthOf(part: Token | Group): number {
  if ('text' in part) return part.text.length
  const inner = part.elements.flat().reduce((sum, each) => sum + lengthOf(each), 0)
  return part.open.length + inner + part.elements.length - 1 + part.close.length
}

/** Writes an element that begins at `column`; gives the column after it. */
function write(element: Element, column: number, width: number, out: Token[]): number {
  let at = column
  for (const part of element) {
    if ('text' in part) {
      out.push(part)
      at += part.text.length
    } else at = writeGroup(part, at, width, out)
  }
  return at
}

function writeGroup(group: Group, column: number, width: number, out: Token[]): number {
  const isFlat = column + lengthOf(group) <= width
  const inner = column + group.open.length
  let at = inner
  out.push(mark(group.open))
  group.elements.forEach((element, index) => {
    const separator = group.separators[index] ?? ''
    if (separator !== '') out.push(mark(separator))
    at += separator.length
    if (!isFlat && index > 0 && !continuesLine(group, index, at, width)) {
      out.push(mark(`\n${' '.repeat(inner)}`))
      at = inner
    }
    at = write(element, at, isFlat ? Number.POSITIVE_INFINITY : width, out)
  })
  out.push(mark(group.close))
  return at + group.close.length
}

/** Numbers and the like fill lines; what has brackets begins one. */
function continuesLine({ elements }: Group, index: number, column: number, width: number): boolean {
  const [before = [], element = []] = [elements[index - 1], elements[index]]
  const isLeaf = [...before, ...element].every((part) => 'text' in part && part.text !== '=>')
  return isLeaf && column + element.reduce((sum, part) => sum + lengthOf(part), 0) < width
}

function mark(text: string): Token {
  return { kind: 'mark', text }
}
