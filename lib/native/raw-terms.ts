import type { NativeAddon } from './contract.js'
import { Op } from './tape-ops.js'
import type { TapeOutput } from './tape-output.js'

/**
 * Writes what is in the external term format already: the bytes of a `Fun`, a `LocalTerm` or a `RawTerm`.
 * A local term ends where its bytes do, so it is good at the root alone.
 */
export class RawTerms {
  constructor(private readonly addon: Pick<NativeAddon, 'isTerm'>) {}

  /** False if they are not one whole term. What is checked is the copy: a thread may share the bytes. */
  put(bytes: Uint8Array, isRoot: boolean, output: TapeOutput): boolean {
    output.range(Op.Raw, bytes)
    const end = output.textBytes
    return this.addon.isTerm(output.memory.bytes.subarray(end - bytes.length, end), isRoot)
  }

  /** Why they cannot be put. */
  objection(bytes: Uint8Array, isRoot: boolean): string | undefined {
    if (this.addon.isTerm(bytes, isRoot)) return undefined
    return this.addon.isTerm(bytes, true)
      ? 'a local term within another'
      : 'the bytes of a RawTerm, LocalTerm or Fun are not one whole term'
  }
}
