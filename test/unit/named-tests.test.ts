import { describe, expect, it } from 'vitest'
import { expectNamedTest, rowsWithTests } from '../helpers/named-tests.js'

describe.each([
  ['docs/beside-a-real-node.md', 50],
  ['docs/reliability.md', 20],
])('%s', (page, least) => {
  const rows = rowsWithTests(page)

  it('has rows', () => {
    expect(rows.length).toBeGreaterThan(least)
  })

  it.each(rows)('names a test that exists for %s', (_what, row) => expectNamedTest(row))
})
