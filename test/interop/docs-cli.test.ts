import { describe } from 'vitest'
import { describePages } from '../helpers/page-tests.js'

describe('the page on the command line', () => {
  describePages(['docs/cli.md'])
})
