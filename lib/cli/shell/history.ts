import { appendFileSync, chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import path from 'node:path'

const mostLines = 1_000
const ownerOnly = 0o600

/** `$XDG_STATE_HOME/beamlink/NAME`, or below `~/.local/state`. */
export function historyFile(name: string, env: NodeJS.ProcessEnv): string {
  const { XDG_STATE_HOME: state } = env
  const folder =
    state !== undefined && path.isAbsolute(state)
      ? state
      : path.join(env.HOME ?? homedir(), '.local/state')
  return path.join(folder, 'beamlink', name)
}

/**
 * The lines that were entered, kept in a file that only its owner can read: what people evaluate at a
 * node may be secret. A line that begins with a space is not kept, as in bash. Without a file that can
 * be written there is no history, and nothing fails.
 */
export class History {
  readonly #file: string
  #lines: string[] = []
  #isWritable = true

  constructor(file: string) {
    this.#file = file
    try {
      mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 })
      this.#lines = readLines(file)
      // Begun anew, so that it does not grow for ever and has its mode, however it was made.
      writeFileSync(file, this.#lines.map((line) => `${line}\n`).join(''), { mode: ownerOnly })
      chmodSync(file, ownerOnly)
    } catch {
      this.#isWritable = false
    }
  }

  /** The newest first, as readline wants them. */
  get newestFirst(): string[] {
    return [...this.#lines].reverse()
  }

  add(line: string): void {
    if (line.trim() === '' || line.startsWith(' ') || line === this.#lines.at(-1)) return
    this.#lines.push(line)
    if (!this.#isWritable) return
    try {
      appendFileSync(this.#file, `${line}\n`, { mode: ownerOnly })
    } catch {
      this.#isWritable = false
    }
  }
}

function readLines(file: string): string[] {
  try {
    const lines = readFileSync(file, 'utf8').split('\n')
    return lines.filter((line) => line !== '').slice(-mostLines)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}
