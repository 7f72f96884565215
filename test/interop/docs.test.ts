import { describe } from 'vitest'
import { docsPages, longPages } from '../helpers/docs-pages.js'
import { describePages } from '../helpers/page-tests.js'

describe('the pages of the documentation', () => {
  describePages(docsPages.filter((page) => !longPages.includes(page)))
})
