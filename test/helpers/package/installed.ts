import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { root } from '../rings.js'
import { output } from './command.js'

/** A folder with the published package unpacked in `node_modules`, and what it depends on. */
export class Installed {
  readonly folder = mkdtempSync(path.join(tmpdir(), 'beamlink-installed-'))
  readonly packageRoot = path.join(this.folder, 'node_modules/beamlink')

  static async from(tarball: string): Promise<Installed> {
    const installed = new Installed()
    mkdirSync(installed.packageRoot, { recursive: true })
    await output('tar', ['-xzf', tarball, '-C', installed.packageRoot, '--strip-components=1'])
    for (const dependency of ['bindings', 'croner', 'file-uri-to-path', 'node-addon-api', 'sax']) {
      const place = path.join(installed.folder, 'node_modules', dependency)
      symlinkSync(path.join(root, 'node_modules', dependency), place)
    }
    return installed
  }

  /** Runs a program of `test/fixtures` as if it were in the folder. */
  async run(
    fixture: string,
    env: Readonly<Record<string, string>> = {},
    node: readonly string[] = [process.execPath],
  ): Promise<string> {
    const place = path.join(this.folder, fixture)
    await output('cp', [path.join(root, 'test/fixtures', fixture), place])
    const [command = '', ...args] = node
    return output(command, [...args, place], {
      cwd: this.folder,
      env: { ...process.env, ...env },
    })
  }

  remove(): void {
    rmSync(this.folder, { recursive: true })
  }
}
