/** A fenced block of a page. */
export interface Block {
  /** The first word behind the fence; empty if there is none. */
  readonly language: string
  /** The words behind it: a file name, or what a runner is to know. Readers do not see them. */
  readonly note: string
  readonly text: string
  /** Of its fence, counted from 1. */
  readonly line: number
}

const fence = /^([ \t]*)(```+|~~~+)[ \t]*(\S*)[ \t]*(.*)$/

/** Every fenced block of a page, also those in lists and those without a language. */
export function blocksOf(markdown: string): Block[] {
  const blocks: Block[] = []
  const lines = markdown.split('\n')
  for (let at = 0; at < lines.length; at += 1) {
    const [, , marks, language = '', note = ''] = fence.exec(lines[at] ?? '') ?? []
    if (marks === undefined) continue
    const line = at + 1
    const end = lines.findIndex((text, index) => index > at && text.trim() === marks)
    if (end === -1) throw new Error(`the block that begins at line ${line} does not end`)
    const text = lines.slice(line, end).map((each) => `${each}\n`)
    blocks.push({ language, note: note.trim(), text: text.join(''), line })
    at = end
  }
  return blocks
}
