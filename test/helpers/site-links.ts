import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'

interface Html {
  readonly links: readonly string[]
  readonly anchors: ReadonlySet<string>
}

/** What of a built site leads nowhere: `PAGE: LINK` for each link or image, anchors included. */
export function brokenLinks(folder: string): string[] {
  const pages = new Map<string, Html>()
  for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (/\.(html|svg)$/.test(file))
      pages.set(path.join(folder, file), htmlOf(path.join(folder, file)))
  }
  return Array.from(pages).flatMap(([page, { links }]) =>
    links
      .filter((link) => !/^(?:[a-z]+:|\/\/)/.test(link) && !leadsSomewhere(page, link, pages))
      .map((link) => `${path.relative(folder, page)}: ${link}`),
  )
}

function leadsSomewhere(page: string, link: string, pages: ReadonlyMap<string, Html>): boolean {
  const [to = '', anchor] = link.split('#')
  const target = to === '' ? page : path.resolve(path.dirname(page), decodeURIComponent(to))
  if (!existsSync(target) || !statSync(target).isFile()) return false
  return (
    anchor === undefined ||
    anchor === '' ||
    pages.get(target)?.anchors.has(decodeURIComponent(anchor)) === true
  )
}

function htmlOf(file: string): Html {
  const html = readFileSync(file, 'utf8')
  return {
    links: attributes(html, 'href|src'),
    anchors: new Set(attributes(html, 'id|name')),
  }
}

function attributes(html: string, names: string): string[] {
  return Array.from(html.matchAll(new RegExp(`\\s(?:${names})="([^"]*)"`, 'g')), ([, value = '']) =>
    value.replaceAll('&amp;', '&').replaceAll('&quot;', '"').replaceAll('&#39;', "'"),
  )
}
