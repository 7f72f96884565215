import { atomName } from '../../../node/atom-name.js'
import { type EventName, eventNameOf } from '../../protocol/event-names.js'
import { readHeaders } from '../../protocol/read-headers.js'
import type { Header } from '../../protocol/switch-event.js'
import { sendeventCustomOrigin, sendeventOrigin } from '../events/sources.js'
import { badarg, type CommandTable, ok, type Request } from './command.js'

/** `{sendevent, Name, Headers}`, `{sendevent, 'CUSTOM', Subclass, Headers}`. */
export const sendeventTuples: CommandTable = {
  sendevent: (request) => {
    const { args } = request
    const text = atomName(args[0])
    if (text === undefined || args.length < 2) return badarg
    const name = eventNameOf(text)
    // FreeSWITCH says nothing at all; whoever calls instead of sending is told.
    if (name === undefined) return request.isCall ? badarg : undefined
    return name === 'CUSTOM' ? fireCustom(request) : fire(request, name, args[1], undefined)
  },
}

function fireCustom(request: Request) {
  const [, subclass, headers] = request.args
  const text = atomName(subclass)
  if (text === undefined || headers === undefined) return badarg
  return fire(request, 'CUSTOM', headers, text === '' ? undefined : text)
}

function fire({ host }: Request, name: EventName, term: unknown, subclass: string | undefined) {
  const given = readHeaders(term)
  if (given === undefined) return badarg
  const body = given.findLast(([key]) => key === 'body')?.[1]
  const headers = given.filter(isKept).map(([key, value]): Header => [key, urlDecoded(value)])
  const source = name === 'CUSTOM' ? sendeventCustomOrigin : sendeventOrigin
  host.events.fire(host.factory.make(name, headers, source, { subclass, body }))
  return ok
}

/** Headers without value are dropped; the subclass is what the message says. */
function isKept([key, value]: Header): boolean {
  return value !== '' && key !== 'body' && key.toLowerCase() !== 'event-subclass'
}

/** `%20` and its like stand for bytes; what is no UTF-8 then stays as it was. */
function urlDecoded(text: string): string {
  if (!text.includes('%')) return text
  return text.replace(/(?:%[0-9a-fA-F]{2})+/g, (escaped) => {
    try {
      return decodeURIComponent(escaped)
    } catch {
      return escaped
    }
  })
}
