import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../base/package-root.js'
import { ErlangError } from '../errors.js'
import type { NativeAddon } from './contract.js'

/** Where the addon is looked for: by default the running machine. */
export interface AddonTarget {
  readonly platform: string
  readonly arch: string
}

const running: AddonTarget = { platform: process.platform, arch: process.arch }

/**
 * As prebuildify `--napi --tag-libc` names what it builds for a platform, the likelier one first. No
 * file tells which C library Node itself uses; one that is for the other does not load.
 */
function prebuiltPaths(root: string, { platform, arch }: AddonTarget): string[] {
  const libcs = existsSync('/etc/alpine-release') ? ['musl', 'glibc'] : ['glibc', 'musl']
  return libcs.map((libc) =>
    join(root, 'prebuilds', `${platform}-${arch}`, `beamlink.${libc}.node`),
  )
}

/**
 * Loads the addon of the package in a folder: the prebuilt one of this platform, else what was
 * built there.
 *
 * Errors: ERR_ERL_NO_BINARY with the command that builds one; where this code is not in its package, with
 *         what to tell the bundler; where Node loads no addons, with its option; `cause` says what went
 *         wrong.
 */
export function loadAddon(root: string, target: AddonTarget = running): NativeAddon {
  if (target.platform === 'win32') throw noWindows()
  let failure: unknown
  for (const prebuilt of prebuiltPaths(root, target).filter(existsSync)) {
    try {
      return loaded(prebuilt)
    } catch (error) {
      failure ??= error
    }
  }
  try {
    // Loaded by those who have built the addon themselves.
    const bindings = require('bindings') as typeof import('bindings')
    // `path` asks for the name of the file; the types of the package do not have it.
    const wanted = { bindings: 'beamlink', module_root: root, path: true }
    return loaded(bindings(wanted))
  } catch (error) {
    const cause = failure ?? error
    if ((cause as { code?: unknown }).code === 'ERR_DLOPEN_DISABLED') throw notAllowed(cause)
    if (!existsSync(join(root, 'binding.gyp'))) throw inBundle(root, cause)
    throw noBinary(root, target, cause)
  }
}

/** When the object goes that the functions of an addon came in, so does what `attach` needs. */
const inUse: object[] = []

/**
 * The addon of a file, as if for the first time. `require` has one for all copies of this code that a
 * thread ever loads, and Jest loads one for each file of tests: they would write over each other's
 * buffers, and only the first would hear from its nodes.
 */
function loaded(file: string): NativeAddon {
  const module: { exports: Partial<NativeAddon> } = { exports: {} }
  process.dlopen(module, file)
  inUse.push(module.exports)
  return module.exports as NativeAddon
}

function noWindows(): ErlangError {
  return new ErlangError(
    'ERR_ERL_NO_BINARY',
    'beamlink does not run on Windows: its native addon needs a Unix. Run Node in WSL 2, where it ' +
      'is installed as on Linux',
  )
}

function noBinary(root: string, target: AddonTarget, cause: unknown): ErlangError {
  return new ErlangError(
    'ERR_ERL_NO_BINARY',
    `beamlink has no native addon that loads on ${target.platform}-${target.arch} with Node ` +
      `${process.versions.node}. Build it: install ${buildTools(target.platform)}, then run ` +
      `"npx node-gyp@12 rebuild" in ${root}`,
    { cause },
  )
}

function notAllowed(cause: unknown): ErlangError {
  return new ErlangError(
    'ERR_ERL_NO_BINARY',
    'beamlink needs its native addon, and Node was told to load none: start it without --no-addons, ' +
      'or with --allow-addons beside --permission',
    { cause },
  )
}

/** The package brings `binding.gyp`; a folder without it is the one of a program that beamlink was put into. */
function inBundle(root: string, cause: unknown): ErlangError {
  return new ErlangError(
    'ERR_ERL_NO_BINARY',
    `beamlink has no native addon in ${root}, which is not its package: a bundler has taken its code out ` +
      'of there. Leave beamlink out of the bundle (external: "beamlink", "beamlink/*") and install it ' +
      'beside that',
    { cause },
  )
}

function buildTools(platform: string): string {
  return platform === 'darwin'
    ? "Erlang, Apple's command line tools and Python 3"
    : 'erlang-dev, g++, make and python3'
}

let own: NativeAddon | undefined

/** The addon of this copy of the code. Loaded at the first use, so that importing beamlink cannot fail. */
export function addon(): NativeAddon {
  // A copy, because V8 keeps what native code has filled as a hash table, in which each call would
  // look up its function anew.
  own ??= { ...loadAddon(packageRoot) }
  return own
}
