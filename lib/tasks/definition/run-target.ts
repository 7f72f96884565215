import { isAbsolute, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { checkNames, checkText } from '../../base/validate.js'
import { invalidArgument } from '../../errors.js'

/** The function of a task: a module and the name of what it exports. */
export interface RunTarget {
  /** A `file:` URL. */
  readonly module: string
  /** The names to look for, in this order: the first that is exported counts. */
  readonly exports: readonly string[]
}

/** `'./jobs.mjs#timer'`, a URL of a file, or the two parts apart. */
export type RunOption = string | URL | { readonly module: string | URL; readonly export?: string }

/**
 * Reads where the function of a task stands. Without a name it is the export of the task's own name:
 * `evrexec:timer`, or else `timer`, since few exports have a colon in their names.
 *
 * Errors: TypeError for what is no module, relative ones counting from `base`.
 */
export function resolveTarget(name: string, run: unknown, base: string): RunTarget {
  const { module, export: exported } = partsOf(run)
  const exports = exported === undefined ? namesOf(name) : [exported]
  return { module: urlOf(module, base), exports }
}

function partsOf(run: unknown): { module: string | URL; export: string | undefined } {
  if (run instanceof URL) {
    const exported = run.hash === '' ? undefined : decodeURIComponent(run.hash.slice(1))
    return { module: withoutHash(run), export: exported }
  }
  if (typeof run === 'string' && run !== '') {
    const [module = '', exported] = split(run)
    return { module: checkText('run', module), export: exported }
  }
  if (typeof run === 'object' && run !== null && 'module' in run) {
    checkNames('run', run, ['module', 'export'])
    const { module, export: exported } = run as { module: unknown; export?: unknown }
    return {
      module: module instanceof URL ? module : checkText('run.module', module),
      export: exported === undefined ? undefined : checkText('run.export', exported),
    }
  }
  throw invalidArgument('run', "a module such as './jobs.mjs#timer' or { module, export }", run)
}

function withoutHash(url: URL): URL {
  const copy = new URL(url)
  copy.hash = ''
  return copy
}

function split(run: string): string[] {
  const at = run.lastIndexOf('#')
  return at < 0
    ? [run]
    : [run.slice(0, at), checkText('the export after # in run', run.slice(at + 1))]
}

function namesOf(name: string): string[] {
  const colon = name.lastIndexOf(':')
  return colon < 0 || colon === name.length - 1 ? [name] : [name, name.slice(colon + 1)]
}

function urlOf(module: string | URL, base: string): string {
  if (module instanceof URL || module.startsWith('file:')) {
    const url = new URL(module)
    if (url.protocol !== 'file:') throw invalidArgument('run', 'a file: URL', url.href)
    return url.href
  }
  return pathToFileURL(isAbsolute(module) ? module : resolve(base, module)).href
}

/** The folder of a `base` option: a folder, or the URL of a file in it. */
export function resolveBase(base: string | URL): string {
  if (base instanceof URL || base.startsWith('file:')) return fileURLToPath(new URL('.', base))
  return resolve(checkText('base', base))
}
