import { checkChoice, checkNames, checkObject, checkText } from '../../../base/validate.js'
import type { HeadersInput } from '../../protocol/headers-input.js'
import { fetchSections } from '../../protocol/sections.js'
import { type NewEvent, type Origin, resolveHeaders } from '../events/event-factory.js'
import type { HostCore } from '../host-core.js'
import type { FetchQuestion } from './fetches.js'

/** What to look for in a section of XML, and why. */
export interface FetchRequest {
  /** The name of the element that is looked for, `domain` for one. */
  readonly tag?: string
  /** The attribute by which it is looked for, and its value. */
  readonly key?: string
  readonly value?: string
  /** Further headers, as those of an event. Without them the list of parameters is empty. */
  readonly params?: HeadersInput
  /** The channel that it is for. */
  readonly uuid?: string
  /** What `Event-Calling-File` and its like say. */
  readonly source?: Origin
}

const requestNames = ['tag', 'key', 'value', 'params', 'uuid', 'source']
const fetchOrigin: Origin = { file: 'switch_xml.c', func: 'switch_xml_locate', line: 0 }

/** What FreeSWITCH writes for what is missing. */
const missing = 'undefined'

/** Errors: TypeError and RangeError name what is wrong with it. */
export function readFetchRequest(
  host: HostCore,
  section: unknown,
  request: FetchRequest,
): FetchQuestion {
  checkNames('fetch', checkObject('request', request), requestNames)
  const { tag = missing, key = missing, value = missing, uuid } = request
  return {
    section: checkChoice('section', section, fetchSections),
    tag: checkText('tag', tag),
    key: checkText('key', key),
    value: checkText('value', value),
    params: uuid === undefined && request.params === undefined ? [] : paramsOf(host, request),
  }
}

function paramsOf(host: HostCore, { params = [], uuid, source = fetchOrigin }: FetchRequest) {
  const headers = resolveHeaders('params', params)
  const event: NewEvent = { name: 'REQUEST_PARAMS', headers, source }
  const made = host.factory.create(uuid === undefined ? event : { ...event, uuid })
  return made.encodedList(host.options)
}
