import { closeSync, openSync, writeSync } from 'node:fs'
import { outOfRange } from '../../errors.js'
import type { FrameTextOptions } from './frame-text.js'
import type { TracedFrame } from './traced-frame.js'

/** Where a trace goes. */
export interface TraceLog {
  close(): void
}

/**
 * The trace that the environment asks for, of a node that starts; undefined when it asks for none.
 *
 *   BEAMLINK_TRACE          terms: each frame with its message; frames: without
 *   BEAMLINK_TRACE_FILE     where lines are appended; else they go to stderr
 *   BEAMLINK_TRACE_LENGTH   longer lines are cut; 1000 by default
 *   BEAMLINK_TRACE_SECRETS  more keys of secrets, with commas between them
 *
 * Errors: RangeError for other values; what `openSync` throws for the file.
 */
export function traceFromEnvironment(
  env: NodeJS.ProcessEnv,
): (TraceLog & { readonly listener: (frame: TracedFrame) => void }) | undefined {
  const { BEAMLINK_TRACE: what = '' } = env
  if (what === '' || what === '0') return undefined
  if (what !== 'terms' && what !== 'frames') {
    throw outOfRange('BEAMLINK_TRACE', 'terms or frames', what)
  }
  const options: FrameTextOptions = {
    terms: what === 'terms',
    maxLength: lengthOf(env.BEAMLINK_TRACE_LENGTH),
    secretKeys: (env.BEAMLINK_TRACE_SECRETS ?? '').split(',').flatMap((key) => key.trim() || []),
  }
  const output = outputOf(env.BEAMLINK_TRACE_FILE)
  return {
    listener: (frame) => output.line(frame.toString(options)),
    close: () => output.close(),
  }
}

function lengthOf(text: string | undefined): number {
  if (text === undefined || text === '') return 1_000
  const length = Number(text)
  if (!Number.isInteger(length) || length < 80) {
    throw outOfRange('BEAMLINK_TRACE_LENGTH', 'an integer of 80 and more', text)
  }
  return length
}

interface Output {
  line(text: string): void
  close(): void
}

function outputOf(file: string | undefined): Output {
  if (file === undefined || file === '') {
    return { line: (text) => process.stderr.write(`${text}\n`), close: () => undefined }
  }
  return new TraceFile(file)
}

/**
 * A file that lines are appended to, at once, so that none is missing when the process dies. What
 * cannot be written, on a full disk say, is counted and told when there is room again; the node goes
 * on meanwhile.
 */
export class TraceFile implements Output {
  readonly #file: string
  readonly #write: (bytes: Buffer) => number
  readonly #fd: number
  #lost = 0
  /** A line was cut off by what kept it from being written. */
  #isCut = false

  /** `write` is for tests: as `writeSync`. */
  constructor(file: string, write?: (fd: number, bytes: Buffer) => number) {
    this.#file = file
    this.#fd = openSync(file, 'a', 0o600)
    const put = write ?? ((fd: number, bytes: Buffer) => writeSync(fd, bytes))
    this.#write = (bytes) => put(this.#fd, bytes)
  }

  line(text: string): void {
    const lost = this.#lost === 0 ? '' : `(${this.#lost} frames are missing here)\n`
    const start = this.#isCut ? '\n' : ''
    let bytes = Buffer.from(`${start}${lost}${text}\n`)
    try {
      while (bytes.length > 0) {
        const count = this.#write(bytes)
        this.#isCut = true
        bytes = bytes.subarray(count)
      }
      this.#lost = 0
      this.#isCut = false
    } catch (error) {
      this.#failed(error)
    }
  }

  close(): void {
    closeSync(this.#fd)
  }

  #failed(error: unknown): void {
    this.#lost += 1
    if (this.#lost > 1) return
    const why = error instanceof Error ? error.message : String(error)
    process.emitWarning(
      `the trace cannot be written to ${this.#file} (${why}); frames are left out until it can`,
      { code: 'BEAMLINK_TRACE' },
    )
  }
}
