import { DOMParser, type Element } from '@xmldom/xmldom'

/** An element of an XML document. */
export interface XmlElement {
  readonly name: string
  readonly attributes: ReadonlyMap<string, string>
  readonly children: readonly XmlElement[]
}

const maxMessage = 200

/**
 * Reads an XML document: its elements and their attributes. Text between elements, comments and
 * processing instructions mean nothing to FreeSWITCH.
 *
 * Errors: SyntaxError with the line for what is not well-formed.
 */
export function parseXml(text: string): XmlElement {
  let problem: string | undefined
  // The parser mends what it can; FreeSWITCH may read the same text otherwise.
  const refuse = (_level: string, message: string, context: unknown): never => {
    problem ??= `${message.slice(0, maxMessage)}${whereabouts(context)}`
    throw new SyntaxError(problem)
  }
  let root: Element | null
  try {
    root = new DOMParser({ onError: refuse }).parseFromString(text, 'text/xml').documentElement
  } catch (error) {
    throw new SyntaxError(problem ?? (error instanceof Error ? error.message : String(error)))
  }
  if (root === null) throw new SyntaxError('missing root element')
  return elementOf(root, 0)
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

function whereabouts(context: unknown): string {
  if (typeof context !== 'object' || context === null || !('locator' in context)) return ''
  const { locator } = context
  if (typeof locator !== 'object' || locator === null || !('lineNumber' in locator)) return ''
  return Number(locator.lineNumber) > 0 ? ` in line ${locator.lineNumber}` : ''
}

/** No document of FreeSWITCH is nested like that; what is could exhaust the stack. */
const maxDepth = 500

function elementOf(element: Element, depth: number): XmlElement {
  if (depth === maxDepth) throw new SyntaxError(`elements are nested more than ${maxDepth} deep`)
  const attributes = Array.from(element.attributes, ({ name, value }) => [name, value] as const)
  const children: XmlElement[] = []
  for (let node = element.firstChild; node !== null; node = node.nextSibling) {
    if (node.nodeType === node.ELEMENT_NODE) children.push(elementOf(node as Element, depth + 1))
  }
  return { name: element.tagName, attributes: new Map(attributes), children }
}
