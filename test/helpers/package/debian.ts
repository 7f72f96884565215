import { cpSync, mkdirSync, realpathSync } from 'node:fs'
import path from 'node:path'
import { root } from '../rings.js'
import { output } from './command.js'

/** A small Debian of another release in a folder, in which programs run; kept for the next time. */
export class Debian {
  readonly folder: string

  private constructor(folder: string) {
    this.folder = folder
  }

  /** The oldest that the mirror has, with what Node needs, and neither Erlang nor a compiler. */
  static async oldest(): Promise<Debian> {
    const script = 'scripts/consumer-root.sh'
    const said = await output('bash', [script], { cwd: root })
    const folder = said.trim().split('\n').at(-1)
    if (folder === undefined || !path.isAbsolute(folder)) throw new Error(said)
    const debian = new Debian(folder)
    debian.#bringNode()
    return debian
  }

  /** The running Node and npm. */
  #bringNode(): void {
    const program = realpathSync(process.execPath)
    mkdirSync(path.join(this.folder, 'usr/local/bin'), { recursive: true })
    cpSync(program, path.join(this.folder, 'usr/local/bin/node'))
    const npm = path.join(path.dirname(path.dirname(program)), 'lib/node_modules/npm')
    cpSync(npm, path.join(this.folder, 'usr/local/lib/node_modules/npm'), {
      recursive: true,
      dereference: true,
    })
  }

  /** Runs a line of shell in it, as a user with nothing but what is in there. */
  run(line: string, env: Readonly<Record<string, string>> = {}): Promise<string> {
    const enter = process.getuid?.() === 0 ? ['chroot'] : ['unshare', '--map-root-user', 'chroot']
    const [command = '', ...args] = [...enter, this.folder, '/bin/sh', '-ec', line]
    const inside = { HOME: '/tmp', PATH: '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin' }
    return output(command, args, { env: { ...inside, ...env } })
  }
}
