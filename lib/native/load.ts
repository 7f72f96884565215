import { existsSync } from 'node:fs'
import { join } from 'node:path'
import bindings from 'bindings'
import { ErlangError } from '../errors.js'
import type { NativeAddon } from './contract.js'

const target = `${process.platform}-${process.arch}`

/** As prebuildify `--napi --tag-libc` names what it builds for the running platform. */
function prebuiltPath(packageRoot: string): string {
  const libc = existsSync('/etc/alpine-release') ? 'musl' : 'glibc'
  return join(packageRoot, 'prebuilds', target, `beamlink.${libc}.node`)
}

/**
 * Loads the addon of the package in a folder: the prebuilt one of this platform, else what was
 * built there.
 *
 * Errors: ERR_ERL_NO_BINARY with the command that builds one; `cause` says what went wrong.
 */
export function loadAddon(packageRoot: string): NativeAddon {
  let failure: unknown
  const prebuilt = prebuiltPath(packageRoot)
  if (existsSync(prebuilt)) {
    try {
      return require(prebuilt)
    } catch (error) {
      failure = error
    }
  }
  try {
    return bindings({ bindings: 'beamlink', module_root: packageRoot })
  } catch (error) {
    throw noBinary(packageRoot, failure ?? error)
  }
}

function noBinary(packageRoot: string, cause: unknown): ErlangError {
  return new ErlangError(
    'ERR_ERL_NO_BINARY',
    `beamlink has no native addon that loads on ${target} with Node ${process.versions.node}. ` +
      'Build it: install erlang-dev, g++, make and python3, then run "npx node-gyp rebuild" ' +
      `in ${packageRoot}`,
    { cause },
  )
}

let loaded: NativeAddon | undefined

/** The addon of this environment. Loaded at the first use, so that importing beamlink cannot fail. */
export function addon(): NativeAddon {
  // This file runs as dist/native/load.js, or as lib/native/load.ts in tests. A copy, because V8 keeps
  // what native code has filled as a hash table, in which each call would look up its function anew.
  loaded ??= { ...loadAddon(join(__dirname, '..', '..')) }
  return loaded
}
