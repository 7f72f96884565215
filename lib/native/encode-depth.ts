import { EncodeError } from '../errors.js'
import { brandedKind } from '../term/brand.js'
import { containsItself } from './encode-cycle.js'

/** Levels of nesting that are written by recursion before a jump ends it; a divisor of the limit. */
const levelsPerJump = 100
const mostLevels = 10_000
/** So many containers put off are reason to look whether their number will ever end. */
const suspicious = 4096

/** A container that stands elsewhere on the tape than where it belongs. */
export interface Deferred {
  readonly container: object
  readonly depth: number
  /** The word that is to hold its place. */
  readonly jumpWord: number
}

/**
 * Bounds the recursion of the tape writer: containers at every 100th level are put off and written
 * after the rest, so that JavaScript's stack holds 100 levels at most.
 */
export class EncodeDepth {
  private jumpDepth = levelsPerJump
  private readonly waiting: Deferred[] = []
  private deferred = 0
  private nextLook = suspicious

  /** Whether an object at this depth is to be put off. */
  isDue(object: object, depth: number): boolean {
    return depth === this.jumpDepth && isContainer(object)
  }

  /**
   * Puts off a container, which is a part of `root`.
   * Errors: ERR_ERL_ENCODE when it lies too deep, or `root` contains itself.
   */
  defer(container: object, depth: number, jumpWord: number, root: unknown): void {
    this.deferred++
    if (depth >= mostLevels || this.deferred >= this.nextLook) {
      // What contains itself would go on for ever, and not only downwards.
      if (containsItself(root)) throw refused('contains itself: a cycle has no Erlang form')
      if (depth >= mostLevels) throw refused(`is nested deeper than ${mostLevels} levels`)
      this.nextLook *= 4
    }
    this.waiting.push({ container, depth, jumpWord })
  }

  /** The next container to write. */
  next(): Deferred | undefined {
    const one = this.waiting.pop()
    if (one !== undefined) this.jumpDepth = one.depth + levelsPerJump
    return one
  }

  /** Forgets what an error has left, and begins anew. */
  clear(): void {
    if (this.deferred === 0) return
    this.waiting.length = 0
    this.jumpDepth = levelsPerJump
    this.deferred = 0
    this.nextLook = suspicious
  }
}

function refused(reason: string): EncodeError {
  return new EncodeError(`the value ${reason}`)
}

/** Whether values lie within: pids and empty lists take no depth. */
function isContainer(object: object): boolean {
  if (Array.isArray(object)) return object.length > 0
  const kind = brandedKind(object)
  return kind === undefined || kind === 'tuple' || kind === 'map' || kind === 'improper'
}
