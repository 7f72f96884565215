import { describe } from 'vitest'
import { longPages } from '../helpers/docs-pages.js'
import { describePages } from '../helpers/page-tests.js'

describe('the pages with programs of several kinds', () => {
  describePages(longPages.filter((page) => page !== 'docs/cli.md'))
})
