import { outOfRange } from '../../errors.js'

/** Texts by the names of their entities: `{ user_len: '64' }` for `&user_len;`. */
export type Entities = Readonly<Record<string, string>>

/** Kamailio's files are written with entities of a DTD, which XML libraries do not follow to files. */
const doctype = /<!DOCTYPE\s+[^[>]*(?:\[([\s\S]*?)\]\s*)?>/

/** An element of a document. */
export class XmlElement {
  readonly name: string
  readonly #attributes: ReadonlyMap<string, string>
  readonly #children: XmlElement[] = []
  #text = ''

  constructor(name: string, attributes: ReadonlyMap<string, string>) {
    this.name = name
    this.#attributes = attributes
  }

  /** The text inside. */
  get content(): string {
    return this.#text.trim()
  }

  attribute(name: string): string | undefined {
    return this.#attributes.get(name)
  }

  has(name: string): boolean {
    return this.all(name).length > 0
  }

  /** The elements of that name directly inside. */
  all(name: string): XmlElement[] {
    return this.#children.filter((child) => child.name === name)
  }

  /** The text of the first such element that is for every kind of database. */
  text(name: string): string | undefined {
    return this.all(name).find((element) => element.attribute('db') === undefined)?.content
  }

  add(child: XmlElement): void {
    this.#children.push(child)
  }

  write(text: string): void {
    this.#text += text
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
  const declared = { ...entities, ...declaredIn(doctype.exec(xml)?.[1] ?? '') }
  let problem: string
  try {
    const root = rootElement(expanded(xml, declared, file))
    if (root?.name === 'table') return root
    problem = root === undefined ? 'no element' : `<${root.name}>`
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    problem = error.message
  }
  throw outOfRange(file, 'well-formed XML with <table>', problem)
}

/** Errors: SyntaxError with the line. */
function rootElement(xml: string): XmlElement | undefined {
  // Loaded by those who read such files.
  const { parser: newParser } = require('sax') as typeof import('sax')
  const parser = newParser(true)
  let root: XmlElement | undefined
  const open: XmlElement[] = []
  parser.onerror = () => {
    const [what = ''] = (parser.error as Error).message.split('\n')
    throw new SyntaxError(`line ${parser.line + 1}: ${what}`)
  }
  parser.onopentag = ({ name, attributes }) => {
    const element = new XmlElement(name, new Map(Object.entries(attributes).map(asText)))
    open.at(-1)?.add(element)
    root ??= element
    open.push(element)
  }
  parser.onclosetag = () => open.pop()
  parser.ontext = (text) => open.at(-1)?.write(text)
  parser.oncdata = parser.ontext
  parser.write(xml).close()
  return root
}

/** Without namespaces attributes are plain text. */
function asText([name, value]: [string, unknown]): [string, string] {
  return [name, String(value)]
}

/**
 * The document with its entities replaced, which the library does for those of XML alone. The lines
 * stay where they are, for those that an error names.
 */
function expanded(xml: string, declared: Entities, file: string): string {
  const body = xml.replace(doctype, (cut) => cut.replace(/[^\n]+/g, ''))
  return body.replace(/<!--[\s\S]*?-->|&([A-Za-z_][\w.-]*);/g, (found, name?: string) => {
    if (name === undefined || predefined.has(name)) return found
    const text = Object.hasOwn(declared, name) ? declared[name] : undefined
    if (text === undefined) throw outOfRange(`entity in ${file}`, 'declared', found)
    return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`)
  })
}

const predefined = new Set(['lt', 'gt', 'amp', 'apos', 'quot'])
