import { readdirSync } from 'node:fs'
import path from 'node:path'
import { root } from './rings.js'

/** The pages that users read. */
export const docsPages: readonly string[] = [
  'README.md',
  ...readdirSync(path.join(root, 'docs'))
    .filter((file) => file.endsWith('.md'))
    .map((file) => `docs/${file}`),
]

/** Those that start many programs, each tested in a file of its own, beside the others. */
export const longPages: readonly string[] = ['docs/cli.md', 'docs/guide.md', 'docs/migrating.md']
