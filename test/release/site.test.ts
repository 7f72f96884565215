import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { output } from '../helpers/package/command.js'
import { root } from '../helpers/rings.js'
import { brokenLinks } from '../helpers/site-links.js'

interface Group {
  readonly group: string
  readonly pages: readonly string[]
}

const groups: readonly Group[] = JSON.parse(
  readFileSync(path.join(root, 'docs/pages.json'), 'utf8'),
)

describe('the site of the documentation', () => {
  let folder: string
  let said: string
  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'beamlink-site-'))
    // Fails where typedoc warns, or something public has no docstring.
    said = await output(process.execPath, ['scripts/site.mjs', folder], { cwd: root })
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  const read = (file: string) => readFileSync(path.join(folder, file), 'utf8')

  it('is built without a warning', () => {
    expect(said).not.toMatch(/warning|error/i)
  })

  it('has every page, under its title', () => {
    for (const page of groups.flatMap(({ pages }) => pages)) {
      const title = /^# (.+)$/m.exec(readFileSync(path.join(root, 'docs', page), 'utf8'))?.[1] ?? ''
      const name = page.replace(/\/README\.md$/, '.md')
      const built = read(`pages/${path.basename(name, '.md').toLowerCase()}.html`)
      expect(built).toContain(`<title>${plain(title)} | beamlink`)
    }
  })

  it('has the reference of every entry', () => {
    const { exports } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'))
    const entries = Object.entries(exports).filter(([, target]) => typeof target === 'object')
    expect(entries.length).toBeGreaterThanOrEqual(5)
    for (const [entry] of entries) {
      const name = path.posix.join('beamlink', entry).replace('/', '_')
      expect(existsSync(path.join(folder, `modules/${name}.html`)), entry).toBe(true)
    }
  })

  it('has no link and no image that leads nowhere', () => {
    expect(brokenLinks(folder)).toEqual([])
  })
})

/** A title without marks, as HTML has it. */
function plain(title: string): string {
  return title.replaceAll('`', '').replaceAll('&', '&amp;')
}

describe('the search for links that lead nowhere', () => {
  it('finds missing files, folders and anchors', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'beamlink-links-'))
    mkdirSync(path.join(folder, 'pages'))
    const links = ['a.html', 'b.html', '#here', '#there', 'a.html#here', 'a.html#gone', '../pages']
    const html = links.map((link) => `<a href="${link}">x</a>`).join('')
    writeFileSync(path.join(folder, 'pages/a.html'), `<h2 id="here"></h2>${html}<img src="c.svg">`)
    const wrong = ['b.html', '#there', 'a.html#gone', '../pages', 'c.svg']
    expect(brokenLinks(folder)).toEqual(wrong.map((link) => `pages/a.html: ${link}`))
    rmSync(folder, { recursive: true })
  })
})
