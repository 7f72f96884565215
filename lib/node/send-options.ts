import { checkNames, checkObject } from '../base/validate.js'
import { checkEncodeOptions, type EncodeOptions } from '../native/options.js'
import type { SendOptions } from './node-types.js'

/** How a message is to be encoded. Errors: TypeError and RangeError for what is no `SendOptions`. */
export function encodingOf(
  where: string,
  options: SendOptions | undefined,
): EncodeOptions | undefined {
  if (options === undefined) return undefined
  checkNames(where, checkObject('options', options), ['encode'])
  if (options.encode !== undefined) checkEncodeOptions(options.encode)
  return options.encode
}
