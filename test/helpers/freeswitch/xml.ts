import { parser as newParser } from 'sax'

/** An element of a document that a handler gave. */
export interface Element {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  readonly children: Element[]
}

/** The root of a document, which the host has found well-formed. */
export function readXml(text: string): Element {
  const parser = newParser(true)
  const document: Element = { name: '', attributes: {}, children: [] }
  const open = [document]
  parser.onopentag = ({ name, attributes }) => {
    const element = { name, attributes: attributes as Record<string, string>, children: [] }
    open.at(-1)?.children.push(element)
    open.push(element)
  }
  parser.onclosetag = () => open.pop()
  parser.write(text).close()
  return document
}

/** All elements of that name below this one. */
export function elementsOf(element: Element, name: string): Element[] {
  return element.children.flatMap((child) => [
    ...(child.name === name ? [child] : []),
    ...elementsOf(child, name),
  ])
}

/** As FreeSWITCH prints: children indented by two, an empty element with its end. */
export function printXml({ name, attributes, children }: Element, indent = ''): string {
  const texts = Object.entries(attributes).map(([key, value]) => ` ${key}="${value}"`)
  const head = `${indent}<${name}${texts.join('')}>`
  if (children.length === 0) return `${head}</${name}>\n`
  const inner = children.map((child) => printXml(child, `${indent}  `))
  return `${head}\n${inner.join('')}${indent}</${name}>\n`
}
