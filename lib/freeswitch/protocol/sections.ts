/** The sections of FreeSWITCH's XML registry that can be bound. Source: switch_xml.c, switch_xml_parse_section_string. */
export const fetchSections = [
  'configuration',
  'directory',
  'dialplan',
  'languages',
  'chatplan',
  'channels',
] as const

/** A section of FreeSWITCH's XML in which something can be looked up. */
export type FetchSection = (typeof fetchSections)[number]

/** FreeSWITCH has a bit for each section. */
function bitOf(section: FetchSection): number {
  return 1 << fetchSections.indexOf(section)
}

/** What the console calls them; it has no word for others. */
const consoleWords = new Map<number, string>([
  [bitOf('configuration'), 'config'],
  [bitOf('directory'), 'directory'],
  [bitOf('dialplan'), 'dialplan'],
  [bitOf('languages'), 'phrases'],
  [bitOf('chatplan'), 'chatplan'],
])

/**
 * The sections that a binding names, as bits; 0 when it names none. The words may stand anywhere in
 * the text. A binding that names two is accepted, and never asked.
 */
export function sectionMask(text: string): number {
  const lower = text.toLowerCase()
  const isNamed = (section: FetchSection) =>
    lower.includes(section === 'configuration' ? 'config' : section)
  return fetchSections.filter(isNamed).reduce((mask, section) => mask | bitOf(section), 0)
}

/** Whether a binding is asked for that section. */
export function isBoundTo(mask: number, section: FetchSection): boolean {
  return mask === bitOf(section)
}

/** The sections of a binding as `erlang bindings` prints them. */
export function sectionLabel(mask: number): string {
  return consoleWords.get(mask) ?? `unknown ${mask}`
}
