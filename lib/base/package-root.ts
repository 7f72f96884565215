import { existsSync } from 'node:fs'
import path from 'node:path'

/**
 * The folder of this package: the nearest above this file that has a package.json, since a build puts
 * files together and so moves them.
 */
export const packageRoot = rootAbove(__dirname)

function rootAbove(folder: string): string {
  const above = path.dirname(folder)
  if (existsSync(path.join(folder, 'package.json')) || above === folder) return folder
  return rootAbove(above)
}

/** Where the build puts an entry of the package, such as `tasks/worker/main`. */
export function builtEntry(name: string): string {
  return path.join(packageRoot, 'dist', `${name}.js`)
}
