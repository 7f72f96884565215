import { checkNames, checkObject } from '../base/validate.js'
import {
  checkEncodeOptions,
  type DecodeOptions,
  type DecodePreset,
  type EncodeOptions,
  type ResolvedDecodeOptions,
  resolveDecodeOptions,
} from '../native/options.js'
import type { WaitOptions } from '../node/calls.js'
import type { NodeCore } from '../node/core.js'
import { waitOptionNames } from '../node/wait.js'

/** Options of one call. */
export interface CallOptions extends WaitOptions {
  /** How the answer is decoded, in place of the node's choice. */
  readonly decode?: DecodeOptions | DecodePreset
  /** How the arguments are encoded, in place of the node's choice. */
  readonly encode?: EncodeOptions
}

export const callOptionNames: readonly string[] = [...waitOptionNames, 'decode', 'encode']

/** Errors: TypeError for names of options that `method` does not know. */
export function checkCallOptions(method: string, options: CallOptions): void {
  checkNames(method, checkObject('options', options), callOptionNames)
}

/** How a call reads and writes terms: the node's choices where it makes none. */
export function codingOf(
  core: NodeCore,
  { decode, encode }: CallOptions,
): { readonly decode: ResolvedDecodeOptions; readonly encode: EncodeOptions | undefined } {
  if (encode !== undefined) checkEncodeOptions(encode)
  return {
    decode: decode === undefined ? core.decode : resolveDecodeOptions(decode),
    encode: encode ?? core.encode,
  }
}
