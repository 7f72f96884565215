import { outOfRange } from '../../errors.js'

/** Texts by the names of their entities: `{ user_len: '64' }` for `&user_len;`. */
export type Entities = Readonly<Record<string, string>>

type Node = Readonly<Record<string, unknown>>

/** Kamailio's files are written with entities of a DTD, which XML libraries do not follow to files. */
const doctype = /<!DOCTYPE\s+[^[>]*(?:\[([\s\S]*?)\]\s*)?>/

/** An element of a document. */
export class XmlElement {
  readonly #node: Node

  constructor(node: unknown) {
    // An element that has nothing but text is read as that.
    this.#node = typeof node === 'object' && node !== null ? (node as Node) : { '#text': node }
  }

  /** Its own text. */
  get content(): string {
    return String(this.#node['#text'] ?? '').trim()
  }

  attribute(name: string): string | undefined {
    const value = this.#node[`@_${name}`]
    return value === undefined ? undefined : String(value)
  }

  has(name: string): boolean {
    return this.#node[name] !== undefined
  }

  all(name: string): XmlElement[] {
    const found = this.#node[name]
    if (found === undefined) return []
    return (Array.isArray(found) ? found : [found]).map((node) => new XmlElement(node))
  }

  /** The text of the first such element that is for every kind of database. */
  text(name: string): string | undefined {
    return this.all(name).find((element) => element.attribute('db') === undefined)?.content
  }
}

/** The name of the outermost element, undefined where there is none. */
export function rootOf(xml: string): string | undefined {
  const body = xml.replace(doctype, '').replace(/<!--[\s\S]*?-->/g, '')
  return /<([A-Za-z_][\w.-]*)/.exec(body)?.[1]
}

/**
 * The entities of a document's DOCTYPE: those it declares, and those of the files that its parameter
 * entities bring in.
 *
 *   <!ENTITY user_len "64">   <!ENTITY % entities SYSTEM "entities.xml"> %entities;
 */
export async function entitiesIn(
  xml: string,
  read: (system: string) => Promise<string>,
): Promise<Entities> {
  const subset = doctype.exec(xml)?.[1] ?? ''
  const all: Record<string, string> = {}
  for (const [, name, system = ''] of subset.matchAll(
    /<!ENTITY\s+%\s+([\w.-]+)\s+SYSTEM\s+["']([^"']*)["']\s*>/g,
  )) {
    if (subset.includes(`%${name};`)) Object.assign(all, declaredIn(await read(system)))
  }
  return Object.assign(all, declaredIn(subset))
}

function declaredIn(declarations: string): Record<string, string> {
  const found = declarations
    .replace(/<!--[\s\S]*?-->/g, '')
    .matchAll(/<!ENTITY\s+([\w.-]+)\s+(?:"([^"]*)"|'([^']*)')\s*>/g)
  return Object.fromEntries(
    Array.from(found, ([, name = '', double, single]) => [name, double ?? single ?? '']),
  )
}

/**
 * The element `table` of a document.
 *
 * Errors: RangeError for what is no XML, has another root, or an entity that nobody declares.
 */
export function parseTableXml(xml: string, entities: Entities, file: string): XmlElement {
  const { XMLParser, XMLValidator } = require('fast-xml-parser') as typeof import('fast-xml-parser')
  // Its lines stay, for those that an error names.
  const body = xml.replace(doctype, (cut) => cut.replace(/[^\n]+/g, ''))
  const checked = XMLValidator.validate(body)
  if (checked !== true) {
    const { msg, line } = checked.err
    throw outOfRange(file, 'well-formed XML', `line ${line}: ${msg}`)
  }
  const parser = new XMLParser({ ignoreAttributes: false, parseTagValue: false })
  const declared = { ...entities, ...declaredIn(doctype.exec(xml)?.[1] ?? '') }
  for (const [name, text] of Object.entries(declared)) parser.addEntity(name, text)
  const unknown = entityNames(body).find((name) => declared[name] === undefined)
  if (unknown !== undefined) throw outOfRange(`entity in ${file}`, 'declared', `&${unknown};`)
  const { table } = parser.parse(body) as { readonly table?: unknown }
  if (table === undefined) throw outOfRange(file, 'a document with <table>', rootOf(xml))
  return new XmlElement(table)
}

const predefined = new Set(['lt', 'gt', 'amp', 'apos', 'quot'])

function entityNames(xml: string): string[] {
  const texts = xml.replace(/<!--[\s\S]*?-->/g, '').replace(/<!\[CDATA\[[\s\S]*?\]\]>/g, '')
  return Array.from(texts.matchAll(/&([A-Za-z_][\w.-]*);/g), ([, name = '']) => name).filter(
    (name) => !predefined.has(name),
  )
}
