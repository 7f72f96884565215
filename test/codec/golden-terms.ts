import { readFileSync } from 'node:fs'
import path from 'node:path'

export interface GoldenTerm {
  readonly name: string
  /** As an Erlang node wrote them. */
  readonly bytes: Buffer
}

interface Line {
  readonly name: string
  readonly hex?: string
  readonly rule?: {
    readonly head: string
    readonly prefix: string
    readonly times: number
    readonly middle: string
    readonly suffix: string
  }
}

function bytesOf({ hex, rule }: Line): Buffer {
  if (rule === undefined) return Buffer.from(hex ?? '', 'hex')
  const { head, prefix, times, middle, suffix } = rule
  return Buffer.from(`83${head}${prefix.repeat(times)}${middle}${suffix.repeat(times)}`, 'hex')
}

const file = path.join(__dirname, '..', 'golden', 'terms.jsonl')

/** Every term of the golden file (`test/golden/make.escript` made it). */
export const goldenTerms: readonly GoldenTerm[] = readFileSync(file, 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as Line)
  .map((line) => ({ name: line.name, bytes: bytesOf(line) }))
