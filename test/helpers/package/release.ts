import { mkdirSync, rmSync } from 'node:fs'
import path from 'node:path'
import type { TestProject } from 'vitest/node'
import { root } from '../rings.js'
import { output } from './command.js'

declare module 'vitest' {
  interface ProvidedContext {
    /** The path of what `npm pack` has made. */
    tarball: string
  }
}

/**
 * Packs the package once, as it is published, for all tests of it. BEAMLINK_TARBALL is one that is
 * there already.
 */
export default async function pack(project: TestProject): Promise<void> {
  const given = process.env.BEAMLINK_TARBALL
  if (given !== undefined) return project.provide('tarball', path.resolve(given))
  const folder = path.join(root, '.cache/release')
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const said = await output('npm', ['pack', '--silent', `--pack-destination=${folder}`], {
    cwd: root,
  })
  const name = /^beamlink-.*\.tgz$/m.exec(said)?.[0]
  if (name === undefined) throw new Error(`npm pack has made no tarball: ${said}`)
  project.provide('tarball', path.join(folder, name))
}
