import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { root } from '../rings.js'

const manifest = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'))

/** The entry points that a program may import, such as `beamlink/uwsgi`. */
export const entryPoints: readonly string[] = Object.entries(manifest.exports)
  .filter(([, target]) => typeof target === 'object')
  .map(([entry]) => path.posix.join('beamlink', entry))

/** What is there only while the package is packed. */
const madeForPublishing = new Set(['prebuilds', 'sbom.cdx.json', 'licenses.md'])

/** The files of the package, without those that are made for publishing, in a folder. */
export function layOutPackage(folder: string): void {
  for (const file of ['package.json', 'README.md', 'LICENSE', ...manifest.files]) {
    if (madeForPublishing.has(file)) continue
    cpSync(path.join(root, file), path.join(folder, file), { recursive: true })
  }
}

/** A folder of a user's, in which `beamlink` and all that it needs are installed. */
export class Consumer {
  readonly folder = mkdtempSync(path.join(tmpdir(), 'beamlink-consumer-'))

  constructor() {
    const modules = path.join(this.folder, 'node_modules')
    mkdirSync(modules)
    layOutPackage(path.join(modules, 'beamlink'))
    for (const dependency of [
      ...Object.keys(manifest.dependencies),
      ...['@opentelemetry', '@types', 'undici-types'],
    ]) {
      symlinkSync(path.join(root, 'node_modules', dependency), path.join(modules, dependency))
    }
  }

  remove(): void {
    rmSync(this.folder, { recursive: true })
  }
}
