import { readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { differences } from '../helpers/freeswitch/differences.js'

interface Row {
  readonly messages: string
  readonly verdict: string
  readonly remark: string
}

/** The rows of the table under `## Message by message`. */
function readTable(): Row[] {
  const page = readFileSync(path.resolve(__dirname, '../../docs/freeswitch.md'), 'utf8')
  const [, section = ''] = page.split('## Message by message\n')
  return section
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .slice(2)
    .map((line) => {
      const [, messages = '', verdict = '', remark = ''] = line
        .split('|')
        .map((cell) => cell.trim())
      return { messages, verdict, remark }
    })
}

describe('the table of messages in the guide', () => {
  const rows = readTable()

  it('says of each message whether it is the same, better or different', () => {
    expect(rows.length).toBeGreaterThan(20)
    for (const { verdict } of rows) expect(['same', 'better', 'differs']).toContain(verdict)
  })

  it('has a reason for all that is not the same', () => {
    const silent = rows.filter(({ verdict, remark }) => verdict !== 'same' && remark === '')
    expect(silent).toEqual([])
  })

  it.each(differences.map(({ subject, reason }) => [subject, reason] as const))(
    'has a remark on %s: %s',
    (subject) => {
      const about = rows.filter(
        ({ messages }) => messages.includes(`\`${subject}\``) || messages === subject,
      )
      expect(about).toHaveLength(1)
      expect(about[0]?.remark).not.toBe('')
    },
  )
})
