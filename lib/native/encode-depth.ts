import { ErlangError } from '../errors.js'
import { brandedKind } from '../term/brand.js'

/** Levels of nesting that are written by recursion before a jump ends it; a divisor of the limit. */
const levelsPerJump = 100

export const maxEncodeDepth = 10_000

/** The containers around a deferred one, in runs of `levelsPerJump`. */
interface Ancestors {
  readonly run: readonly (object | undefined)[]
  readonly above: Ancestors | undefined
}

/** A container that stands elsewhere on the tape than where it belongs. */
export interface Deferred {
  readonly container: object
  readonly depth: number
  /** The word that is to hold its place. */
  readonly jumpWord: number
  readonly above: Ancestors | undefined
}

/**
 * Bounds the recursion of the tape writer. Containers at every 100th level are put off and written
 * after the rest, so that JavaScript's stack holds 100 levels at most; there it is also seen whether
 * a container lies within itself, before that grows without end.
 */
export class EncodeDepth {
  private readonly run: (object | undefined)[] = []
  /** Where the run begins, and where the next does. */
  private baseDepth = 0
  private jumpDepth = levelsPerJump
  private above: Ancestors | undefined
  private readonly waiting: Deferred[] = []

  /** Forgets all containers. */
  clear(): void {
    const { run } = this
    for (let i = 0; i < run.length && run[i] !== undefined; i++) run[i] = undefined
    this.above = undefined
    this.baseDepth = 0
    this.jumpDepth = levelsPerJump
    // Only an error leaves some waiting.
    if (this.waiting.length > 0) this.waiting.length = 0
  }

  /** Notes an object that is to be written; whether it is a container to be put off. */
  isDue(object: object, depth: number): boolean {
    if (depth === this.jumpDepth) return isContainer(object)
    this.run[depth - this.baseDepth] = object
    return false
  }

  /**
   * Puts off a container.
   * Errors: ERR_ERL_ENCODE when it lies within itself or too deep.
   */
  defer(container: object, depth: number, jumpWord: number): void {
    if (depth >= maxEncodeDepth) {
      throw new ErlangError(
        'ERR_ERL_ENCODE',
        `the value is nested deeper than ${maxEncodeDepth} levels`,
      )
    }
    const above: Ancestors = { run: this.run.slice(0, levelsPerJump), above: this.above }
    for (let at: Ancestors | undefined = above; at !== undefined; at = at.above) {
      if (!at.run.includes(container)) continue
      throw new ErlangError(
        'ERR_ERL_ENCODE',
        'the value contains itself: a cycle has no Erlang form',
      )
    }
    this.waiting.push({ container, depth, jumpWord, above })
  }

  /** The next container to write, as if entered. */
  next(): Deferred | undefined {
    const deferred = this.waiting.pop()
    if (deferred === undefined) return undefined
    this.above = deferred.above
    this.baseDepth = deferred.depth
    this.jumpDepth = deferred.depth + levelsPerJump
    this.run[0] = deferred.container
    return deferred
  }
}

/** Whether values lie within: pids and empty lists take no depth. */
function isContainer(object: object): boolean {
  if (Array.isArray(object)) return object.length > 0
  const kind = brandedKind(object)
  return kind === undefined || kind === 'tuple' || kind === 'map' || kind === 'improper'
}
