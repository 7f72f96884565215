import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { errorTable } from '../../lib/errors.js'
import { errorsPage } from '../../scripts/errors-page.mjs'
import { blocksElsewhere } from '../helpers/blocks-elsewhere.js'
import { pageOf } from '../helpers/page.js'

const root = path.resolve(__dirname, '../..')
const pages = ['README.md', 'CHANGELOG.md', ...docs().map((file) => `docs/${file}`)]

function docs(): string[] {
  return readdirSync(path.join(root, 'docs')).filter((file) => file.endsWith('.md'))
}

function read(file: string): string {
  return readFileSync(path.join(root, file), 'utf8')
}

describe('the documentation', () => {
  it('has the page of errors that lib/errors.ts gives (node scripts/errors-page.mjs)', () => {
    expect(read('docs/errors.md')).toBe(errorsPage(errorTable))
  })

  it.each(pages)('%s links only to files that are there', (page) => {
    const links = Array.from(read(page).matchAll(/\]\(([^)#]+)(#[^)]*)?\)/g), ([, to = '']) => to)
    const local = links.filter((to) => !/^[a-z]+:/.test(to))
    const missing = local.filter((to) => !existsSync(path.join(root, path.dirname(page), to)))
    expect(missing).toEqual([])
  })

  it('names only files and folders that are there, in docs/architecture.md', () => {
    const page = read('docs/architecture.md')
    const named = Array.from(
      page.matchAll(/\b(?:lib|native|test|scripts)\/[\w./-]+/g),
      ([name]) => name,
    )
    expect(named.length).toBeGreaterThan(50)
    const endings = ['', '.ts', '.h', '.cc']
    const isThere = (name: string) => endings.some((end) => existsSync(path.join(root, name + end)))
    expect(named.filter((name) => !isThere(name.replace(/\.$/, '')))).toEqual([])
  })

  it('names every page in the README', () => {
    const readme = read('README.md')
    expect(docs().filter((file) => !readme.includes(`docs/${file}`))).toEqual([])
  })

  it('has every page in the list of the site, docs/pages.json, once', () => {
    const groups: { readonly pages: readonly string[] }[] = JSON.parse(read('docs/pages.json'))
    const listed = groups.flatMap(({ pages }) => pages)
    expect(listed.filter((page) => !page.startsWith('../')).toSorted()).toEqual(docs().toSorted())
  })

  it('keeps the README within 120 lines', () => {
    expect(read('README.md').trimEnd().split('\n').length).toBeLessThanOrEqual(120)
  })

  it.each(pages)(
    '%s has only blocks that a test runs, or that are listed with a reason',
    (page) => {
      const listed = blocksElsewhere.filter((block) => block.page === page)
      const { unrun } = pageOf(read(page), '')
      const unknown = unrun.filter(
        ({ text }) => !listed.some(({ begins }) => text.startsWith(begins)),
      )
      expect(unknown.map(({ line, text }) => `line ${line}: ${text}`)).toEqual([])
      const gone = listed.filter(({ begins }) => !unrun.some(({ text }) => text.startsWith(begins)))
      expect(gone).toEqual([])
    },
  )

  it('names tests that are there for blocks that do not run with their page', () => {
    const named = blocksElsewhere.flatMap(({ why }) => /test\/\S+\.ts/.exec(why)?.[0] ?? [])
    expect(named.filter((file) => !existsSync(path.join(root, file)))).toEqual([])
  })

  it('shows every command of the command line, with what it prints', () => {
    const folder = path.join(root, 'lib/cli/commands')
    const commands = readdirSync(folder).flatMap(
      (file) => /\busage: '(\w+)/.exec(read(`lib/cli/commands/${file}`))?.[1] ?? [],
    )
    expect(commands).toContain('trace')
    const { steps } = pageOf(read('docs/cli.md'), '')
    const run = steps.flatMap((step) =>
      step.kind === 'command' ? [step.console, ...step.console.beside] : [],
    )
    const shown = new Set(run.flatMap(({ command }) => /\bbeamlink (\w+)/.exec(command)?.[1] ?? []))
    expect(commands.filter((command) => !shown.has(command))).toEqual([])
  })

  it('names only npm scripts that exist', () => {
    const scripts = Object.keys(JSON.parse(read('package.json')).scripts)
    const named = pages.flatMap((page) =>
      Array.from(read(page).matchAll(/npm run ([\w:-]+)/g), ([, name = '']) => name),
    )
    expect(named.filter((name) => !scripts.includes(name))).toEqual([])
  })
})
