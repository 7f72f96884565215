import type { FetchRequest, Origin } from 'beamlink/freeswitch'
import type { SmallSwitch } from './small-switch.js'
import { origins } from './switch-origins.js'
import { type Element, elementsOf, printXml, readXml } from './xml.js'

const sections = [
  'configuration',
  'directory',
  'dialplan',
  'languages',
  'chatplan',
  'channels',
] as const
type Section = (typeof sections)[number]

const nothing = "can't find anything\n"

/** What the switch has in files. */
const staticConfiguration = `<document type="freeswitch/xml"><section name="configuration">
  <configuration name="timezones.conf"><timezones/></configuration>
</section></document>`

/** The API commands that look XML up. */
export function addXmlCommands(small: SmallSwitch): void {
  const { host } = small
  host.api('xml_locate', (args) => locate(small, args.split(' ')))
  host.api('user_exists', async (args) => {
    const [key = '', user = '', domain = ''] = args.split(' ')
    const found = await userIn(small, domain, { key, user, domain }, origins.userExists)
    return String(found !== undefined)
  })
  host.api('user_data', async (args) => {
    const [, user = '', domain = '', type = '', name = ''] =
      /^(.*)@(\S+) (\S+) (\S+)$/.exec(args) ?? []
    const params = { type, key: 'id', user, domain }
    const found = await userIn(small, domain, params, origins.userData)
    const values = found === undefined ? [] : elementsOf(found, type)
    return values.find(({ attributes }) => attributes.name === name)?.attributes.value ?? ''
  })
  host.api('reloadacl', async () => {
    const reload = (value: string) =>
      host.fetch('configuration', { tag: 'configuration', key: 'name', value })
    const others = reload('loopback.conf').then(() => reload('timezones.conf'))
    await Promise.all([others, reload('acl.conf')])
    return '+OK acl reloaded\n'
  })
}

async function locate({ host }: SmallSwitch, words: string[]): Promise<string> {
  const [section = '', tag, key, value] = words
  if (!isSection(section)) return nothing
  const params = {
    section,
    ...(tag === undefined ? {} : { tag }),
    ...(key === undefined ? {} : { tag_attr_name: key }),
    ...(value === undefined ? {} : { tag_attr_val: value }),
  }
  const request: FetchRequest = {
    ...(tag === undefined ? {} : { tag }),
    ...(key === undefined ? {} : { key }),
    ...(value === undefined ? {} : { value }),
    params,
    source: origins.xmlLocate,
  }
  const fetched = await host.fetch(section, request)
  const found =
    (fetched === undefined ? undefined : elementIn(fetched, section, words)) ??
    (section === 'configuration' ? elementIn(staticConfiguration, section, words) : undefined)
  return found === undefined ? nothing : printXml(found)
}

function isSection(name: string): name is Section {
  return sections.some((each) => each === name)
}

async function userIn(
  { host }: SmallSwitch,
  domain: string,
  params: Record<string, string>,
  source: Origin,
): Promise<Element | undefined> {
  const lookup = { tag: 'domain', key: 'name', value: domain }
  const xml = await host.fetch('directory', { ...lookup, params, source })
  if (xml === undefined) return undefined
  return elementIn(xml, 'directory', ['directory', 'user', 'id', params.user ?? ''])
}

/** The element that a lookup means: the section itself, or what has that attribute within. */
function elementIn(xml: string, section: string, words: readonly string[]): Element | undefined {
  const [, tag, key, value] = words
  const all = elementsOf(readXml(xml), 'section')
  const within = all.find(({ attributes }) => attributes.name === section)
  if (tag === undefined || within === undefined) return within
  return elementsOf(within, tag).find(
    ({ attributes }) => key === undefined || attributes[key] === value,
  )
}
