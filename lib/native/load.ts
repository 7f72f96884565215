import { existsSync } from 'node:fs'
import { join } from 'node:path'
import bindings from 'bindings'
import { ErlangError } from '../errors.js'
import type { NativeAddon } from './contract.js'

/** The folder with `package.json`: this file runs as `dist/native/load.js` or `lib/native/load.ts`. */
const packageRoot = join(__dirname, '..', '..')

/** As prebuildify `--napi --tag-libc` names what it builds for the running platform. */
function prebuiltPath(): string {
  const libc = existsSync('/etc/alpine-release') ? 'musl' : 'glibc'
  const target = `${process.platform}-${process.arch}`
  return join(packageRoot, 'prebuilds', target, `beamlink.${libc}.node`)
}

function noBinary(cause: unknown): ErlangError {
  const target = `${process.platform}-${process.arch}`
  return new ErlangError(
    'ERR_ERL_NO_BINARY',
    `beamlink has no native addon that loads on ${target} with Node ${process.versions.node}. ` +
      `Build it: install erlang-dev, g++, make and python3, then run "npx node-gyp rebuild" ` +
      `in ${packageRoot}`,
    { cause },
  )
}

/**
 * Loads the addon: the prebuilt one of this platform, else what was built here.
 *
 * Errors: ERR_ERL_NO_BINARY with the command that builds one; `cause` says what went wrong.
 */
function loadAddon(): NativeAddon {
  let failure: unknown
  const prebuilt = prebuiltPath()
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
    throw noBinary(failure ?? error)
  }
}

let loaded: NativeAddon | undefined

/** The addon of this environment. Loaded at the first use, so that importing beamlink cannot fail. */
export function addon(): NativeAddon {
  loaded ??= loadAddon()
  return loaded
}
