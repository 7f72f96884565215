import { readFileSync } from 'node:fs'
import { output } from './command.js'

/** What `readelf` tells of a shared object. */
export interface Elf {
  /** GNU_RELRO and BIND_NOW: what the loader has filled in cannot be written over. */
  readonly hasFullRelro: boolean
  readonly hasExecutableStack: boolean
  /** Whether code must be changed when it is loaded: it was not made position independent. */
  readonly hasTextRelocations: boolean
  readonly hasBuildId: boolean
  /** Whether it stays when nobody uses it any more (native/io/cnode.cc tells why). */
  readonly staysLoaded: boolean
  /** The symbols that it takes from others. */
  readonly wanted: readonly string[]
  /** Folders of the machine that built it. */
  readonly foreignPaths: readonly string[]
}

export async function readElf(file: string): Promise<Elf> {
  const [segments, dynamic, sections, symbols] = await Promise.all([
    output('readelf', ['-lW', file]),
    output('readelf', ['-dW', file]),
    output('readelf', ['-SW', file]),
    output('readelf', ['--dyn-syms', '-W', file]),
  ])
  const stack = /GNU_STACK.*\s(RW?E?)\s/.exec(segments)?.[1]
  return {
    hasFullRelro: /GNU_RELRO/.test(segments) && /BIND_NOW|Flags:.*NOW/.test(dynamic),
    hasExecutableStack: stack === undefined || stack.includes('E'),
    hasTextRelocations: /TEXTREL/.test(dynamic),
    staysLoaded: /FLAGS_1.*NODELETE/.test(dynamic),
    hasBuildId: sections.includes('.note.gnu.build-id'),
    wanted: Array.from(symbols.matchAll(/UND (\w+)/g), ([, name = '']) => name),
    foreignPaths:
      readFileSync(file, 'latin1').match(/\/(?:home|root|work|tmp|srv)\/[\w./-]+/g) ?? [],
  }
}

/** As native/compile-flags.txt and native/link-flags.txt ask for it. */
export const hardened = {
  hasFullRelro: true,
  hasExecutableStack: false,
  hasTextRelocations: false,
  hasBuildId: false,
  staysLoaded: true,
  foreignPaths: [],
} satisfies Partial<Elf>
