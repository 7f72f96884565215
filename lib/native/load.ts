import { existsSync } from 'node:fs'
import { join } from 'node:path'
import bindings from 'bindings'
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
function prebuiltPaths(packageRoot: string, { platform, arch }: AddonTarget): string[] {
  const libcs = existsSync('/etc/alpine-release') ? ['musl', 'glibc'] : ['glibc', 'musl']
  return libcs.map((libc) =>
    join(packageRoot, 'prebuilds', `${platform}-${arch}`, `beamlink.${libc}.node`),
  )
}

/**
 * Loads the addon of the package in a folder: the prebuilt one of this platform, else what was
 * built there.
 *
 * Errors: ERR_ERL_NO_BINARY with the command that builds one; `cause` says what went wrong.
 */
export function loadAddon(packageRoot: string, target: AddonTarget = running): NativeAddon {
  if (target.platform === 'win32') throw noWindows()
  let failure: unknown
  for (const prebuilt of prebuiltPaths(packageRoot, target).filter(existsSync)) {
    try {
      return require(prebuilt)
    } catch (error) {
      failure ??= error
    }
  }
  try {
    return bindings({ bindings: 'beamlink', module_root: packageRoot })
  } catch (error) {
    throw noBinary(packageRoot, target, failure ?? error)
  }
}

function noWindows(): ErlangError {
  return new ErlangError(
    'ERR_ERL_NO_BINARY',
    'beamlink does not run on Windows: its native addon needs a Unix. Run Node in WSL 2, where it ' +
      'is installed as on Linux',
  )
}

function noBinary(packageRoot: string, target: AddonTarget, cause: unknown): ErlangError {
  return new ErlangError(
    'ERR_ERL_NO_BINARY',
    `beamlink has no native addon that loads on ${target.platform}-${target.arch} with Node ` +
      `${process.versions.node}. Build it: install ${buildTools(target.platform)}, then run ` +
      `"npx node-gyp@12 rebuild" in ${packageRoot}`,
    { cause },
  )
}

function buildTools(platform: string): string {
  return platform === 'darwin'
    ? "Erlang, Apple's command line tools and Python 3"
    : 'erlang-dev, g++, make and python3'
}

let loaded: NativeAddon | undefined

/** The addon of this environment. Loaded at the first use, so that importing beamlink cannot fail. */
export function addon(): NativeAddon {
  // This file runs as dist/native/load.js, or as lib/native/load.ts in tests. A copy, because V8 keeps
  // what native code has filled as a hash table, in which each call would look up its function anew.
  loaded ??= { ...loadAddon(join(__dirname, '..', '..')) }
  return loaded
}
