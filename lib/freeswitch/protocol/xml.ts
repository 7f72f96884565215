import { parser as newParser, type QualifiedTag, type Tag } from 'sax'

/** An element of an XML document. */
export interface XmlElement {
  readonly name: string
  readonly attributes: ReadonlyMap<string, string>
  readonly children: readonly XmlElement[]
}

interface OpenElement extends XmlElement {
  readonly children: XmlElement[]
}

/** No document of FreeSWITCH is nested like that; what is could exhaust somebody's stack. */
const maxDepth = 500

/**
 * Reads an XML document: its elements and their attributes. Text between elements, comments and
 * processing instructions mean nothing to FreeSWITCH.
 *
 * Errors: SyntaxError with the line for what is not well-formed.
 */
export function parseXml(text: string): XmlElement {
  const parser = newParser(true)
  const document = new DocumentBuilder()
  parser.onerror = ({ message }) => {
    throw new SyntaxError(inOneLine(message))
  }
  parser.onopentag = (tag) => document.open(tag)
  parser.onclosetag = () => document.close()
  parser.write(text).close()
  if (document.root === undefined) throw new SyntaxError('there is no root element')
  return document.root
}

/** The first child of that name, with that attribute where one is given. */
export function childOf(
  element: XmlElement | undefined,
  name: string,
  attribute?: readonly [name: string, value: string],
): XmlElement | undefined {
  return element?.children.find(
    (child) =>
      child.name === name &&
      (attribute === undefined || child.attributes.get(attribute[0]) === attribute[1]),
  )
}

class DocumentBuilder {
  root: XmlElement | undefined
  readonly #open: OpenElement[] = []

  open({ name, attributes }: Tag | QualifiedTag): void {
    const element = { name, attributes: new Map(textsOf(attributes)), children: [] }
    const parent = this.#open.at(-1)
    if (parent === undefined && this.root !== undefined) {
      throw new SyntaxError('there is more than one root element')
    }
    if (this.#open.length === maxDepth) {
      throw new SyntaxError(`elements are nested more than ${maxDepth} deep`)
    }
    parent?.children.push(element)
    this.root ??= element
    this.#open.push(element)
  }

  close(): void {
    this.#open.pop()
  }
}

/** Without namespaces attributes are plain text. */
function textsOf(attributes: Readonly<Record<string, unknown>>): [name: string, value: string][] {
  return Object.entries(attributes).map(([name, value]) => [name, String(value)])
}

/** The parser adds line, column and character, counted from 0, in lines of their own. */
function inOneLine(message: string): string {
  const [what, line] = message.split('\nLine: ')
  return line === undefined ? message : `${what} in line ${Number.parseInt(line, 10) + 1}`
}
