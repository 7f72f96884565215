/** Starts one process per codec or adapter: a name in its folder, or a path to a file elsewhere. */
import { readdirSync } from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { context } from './context.mjs'

function locate(folder, given) {
  if (!given.includes('/'))
    return { name: given, file: path.join(context.root, folder, `${given}.mjs`) }
  return { name: path.basename(given, '.mjs'), file: path.resolve(given) }
}

/** The given names, else all of the folder: first those of `order`, then the others. */
function namesOf(folder, given, order) {
  if (given !== undefined) return given.split(',')
  const found = readdirSync(path.join(context.root, folder))
  const names = found.filter((file) => file.endsWith('.mjs')).map((file) => file.slice(0, -4))
  const rank = (name) => (order.includes(name) ? order.indexOf(name) : order.length)
  return names.sort((x, y) => rank(x) - rank(y))
}

/**
 * Calls `start(name, module, url)` for each that is available here.
 * Returns what it gave, and why the others were left out.
 */
export async function startAll({ folder, given, order, environment, start }) {
  const started = []
  const notes = {}
  for (const wanted of namesOf(folder, given, order)) {
    const { name, file } = locate(folder, wanted)
    const url = pathToFileURL(file).href
    const module = await import(url)
    const available = (await module.available?.(environment)) ?? true
    if (available === true) started.push(start(name, module, url))
    else notes[name] = available
  }
  return { started, notes }
}
