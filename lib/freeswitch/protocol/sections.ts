/** The sections of FreeSWITCH's XML registry that can be bound. Source: switch_xml.c, switch_xml_parse_section_string. */
export const fetchSections = [
  'configuration',
  'directory',
  'dialplan',
  'languages',
  'chatplan',
  'channels',
] as const

export type FetchSection = (typeof fetchSections)[number]
