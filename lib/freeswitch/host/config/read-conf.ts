import { NetworkList, type NetworkListOptions } from '../../../node/access/network-list.js'
import { parseXml, type XmlElement } from '../../protocol/xml.js'
import { mostInboundAcls } from '../acl/inbound-acl.js'
import { readCookie } from './cookie-file.js'
import { leastCompatRel, type StartOptions } from './settings.js'

/** What a configuration file says. */
export interface ReadConf {
  readonly settings: StartOptions
  /** What was wrong and is ignored. */
  readonly warnings: readonly string[]
}

/** Settings while they are read: the later of two wins. */
type Draft = { -readonly [Name in keyof StartOptions]: StartOptions[Name] }

/**
 * Reads `erlang_event.conf.xml`, as FreeSWITCH does: what is wrong in it is told and ignored. A
 * document that has `acl.conf` beside it gives its lists too.
 *
 * Errors: SyntaxError for what is no XML, or has no configuration `erlang_event.conf`.
 * Source: mod_erlang_event, mod_erlang_event.c, config; seed-systems 2.1.
 */
export function readConf(text: string): ReadConf {
  const root = parseXml(text)
  const configuration = configurationNamed(root, 'erlang_event.conf')
  if (configuration === undefined) {
    throw new SyntaxError('there is no <configuration name="erlang_event.conf">')
  }
  const warnings: string[] = unprocessed(configuration)
  const draft: Draft = {}
  const names: string[] = []
  for (const { attributes } of each(configuration, 'settings', 'param')) {
    const name = attributes.get('name') ?? ''
    const value = attributes.get('value') ?? ''
    const warning =
      name === 'apply-inbound-acl' ? addAcl(names, value) : readParam(draft, name, value)
    if (warning !== undefined) warnings.push(warning)
  }
  if (names.length > 0) draft.applyInboundAcl = names
  const lists = readLists(configurationNamed(root, 'acl.conf'), warnings)
  if (Object.keys(lists).length > 0) draft.acls = lists
  return { settings: draft, warnings }
}

/** What FreeSWITCH's preprocessor would have replaced before anybody read it. */
function unprocessed({ name, attributes, children }: XmlElement): string[] {
  const value = attributes.get('value') ?? ''
  const own = [
    ...(name === 'X-PRE-PROCESS' ? ['X-PRE-PROCESS is passed over'] : []),
    ...(value.includes('$${')
      ? [`${attributes.get('name')} is taken as it stands: "${value}"`]
      : []),
  ]
  return [...own, ...children.flatMap(unprocessed)]
}

function addAcl(names: string[], value: string): string | undefined {
  if (value === '') return 'apply-inbound-acl has no value'
  if (names.length >= mostInboundAcls) {
    return `apply-inbound-acl "${value}" is ignored: there are ${mostInboundAcls} already`
  }
  names.push(value)
  return undefined
}

/** Returns what is wrong with a parameter. */
function readParam(draft: Draft, name: string, value: string): string | undefined {
  const read = Object.hasOwn(params, name) ? params[name] : undefined
  if (read === undefined) return `there is no parameter "${name}"`
  const rule = read(draft, value)
  return rule === undefined ? undefined : `${name} must be ${rule}, got "${value}"`
}

/** Puts a value where it belongs. Returns the rule that it breaks. */
type ReadParam = (draft: Draft, value: string) => string | undefined

const params: Readonly<Record<string, ReadParam>> = {
  'listen-ip': text((draft, value) => {
    draft.listenIp = value
  }),
  'listen-port': integer(1, 65_535, (draft, value) => {
    draft.listenPort = value
  }),
  nodename: text((draft, value) => {
    draft.nodename = value
  }),
  shortname: (draft, value) => {
    draft.shortname = isTrue(value)
    return undefined
  },
  cookie: text((draft, value) => {
    draft.cookie = value
  }),
  'cookie-file': (draft, value) => {
    const { cookie, problem } = readCookie(value)
    if (cookie !== undefined) draft.cookie = cookie
    return problem === undefined ? undefined : `a file with a cookie (${problem})`
  },
  encoding: (draft, value) => {
    const encoding = value.toLowerCase()
    if (encoding !== 'string' && encoding !== 'binary') return 'string or binary'
    draft.encoding = encoding
    return undefined
  },
  'compat-rel': integer(leastCompatRel, 1_000, (draft, value) => {
    draft.compatRel = value
  }),
  'max-event-bulk': integer(1, 1_000_000, (draft, value) => {
    draft.maxEventBulk = value
  }),
  'max-log-bulk': integer(1, 1_000_000, (draft, value) => {
    draft.maxLogBulk = value
  }),
  'stop-on-bind-error': (draft, value) => {
    draft.stopOnBindError = isTrue(value)
    return undefined
  },
}

function text(set: (draft: Draft, value: string) => void): ReadParam {
  return (draft, value) => {
    if (value === '') return 'text'
    set(draft, value)
    return undefined
  }
}

function integer(min: number, max: number, set: (draft: Draft, value: number) => void): ReadParam {
  return (draft, value) => {
    const read = /^\d+$/.test(value) ? Number(value) : Number.NaN
    if (!(read >= min && read <= max)) return `an integer from ${min} to ${max}`
    set(draft, read)
    return undefined
  }
}

/** What FreeSWITCH takes for true. */
function isTrue(value: string): boolean {
  const words = ['yes', 'on', 'true', 't', 'enabled', 'active', 'allow']
  return words.includes(value.toLowerCase()) || (/^-?\d+$/.test(value) && Number(value) !== 0)
}

/** `<network-lists><list name default><node type cidr/>…`. */
function readLists(
  acl: XmlElement | undefined,
  warnings: string[],
): Record<string, NetworkListOptions> {
  const lists: Record<string, NetworkListOptions> = {}
  for (const { attributes, children } of each(acl, 'network-lists', 'list')) {
    const name = attributes.get('name')
    if (name === undefined || name === '') continue
    const of = (type: string) =>
      children.filter((node) => node.name === 'node' && isOfType(node, type)).flatMap(networkOf)
    const policy = isTrue(attributes.get('default') ?? 'allow') ? 'allow' : 'deny'
    const list: NetworkListOptions = { default: policy, allow: of('allow'), deny: of('deny') }
    try {
      new NetworkList(`the list ${name}`, list)
      lists[name] = list
    } catch (error) {
      // Whom a list that cannot be read was meant to let in is not known.
      lists[name] = { default: 'deny' }
      warnings.push(`${error instanceof Error ? error.message : error}; the list denies all`)
    }
  }
  return lists
}

function isOfType(node: XmlElement, type: string): boolean {
  return (node.attributes.get('type') ?? 'deny').toLowerCase() === type
}

function networkOf({ attributes }: XmlElement): string[] {
  const cidr = attributes.get('cidr')
  return cidr === undefined ? [] : cidr.split(/[\s,]+/).filter((each) => each !== '')
}

function* each(parent: XmlElement | undefined, group: string, name: string): Generator<XmlElement> {
  for (const { name: found, children } of parent?.children ?? []) {
    if (found === group) yield* children.filter((child) => child.name === name)
  }
}

/** Anywhere in the document: FreeSWITCH's own is one document of all files. */
function configurationNamed(element: XmlElement, wanted: string): XmlElement | undefined {
  if (element.name === 'configuration' && element.attributes.get('name') === wanted) return element
  for (const child of element.children) {
    const found = configurationNamed(child, wanted)
    if (found !== undefined) return found
  }
  return undefined
}
