import { checkChoice, checkNames, checkObject } from '../../node/validate.js'
import type { TextEncoding } from '../protocol/text.js'

/** How an event host behaves, in the words of `erlang_event.conf.xml`. */
export interface EventHostOptions {
  /** How text is sent: as lists of bytes (`'string'`, the default) or as binaries. */
  readonly encoding?: TextEncoding
}

export interface ResolvedHostOptions {
  readonly encoding: TextEncoding
}

const hostOptionNames = ['encoding']

export function resolveHostOptions(options: EventHostOptions): ResolvedHostOptions {
  checkNames('EventHost', checkObject('options', options), hostOptionNames)
  const { encoding = 'string' } = options
  return { encoding: checkChoice('encoding', encoding, ['string', 'binary']) }
}
