/** A request that failed, or a message that was none. */
export interface DatabaseFailure {
  /** `select`, `insert`, …, as the request has it; `unknown`; or `message` for what was no call. */
  readonly operation: string
  /** Undefined where the request names none. */
  readonly table: string | undefined
  readonly error: Error
  /** The node that asked; undefined for a message. */
  readonly peer: string | undefined
  /** Whether the caller was told. If not, it waits until its time is over. */
  readonly isAnswered: boolean
}

/** The events of a `DatabaseServer`, with the arguments of their listeners. */
export interface DatabaseEvents {
  /**
   * A request failed. Without a listener it is a warning of the process, so that it is never silent.
   */
  databaseError: [failure: DatabaseFailure]
}

export function describeFailure({ operation, table, error, peer }: DatabaseFailure): string {
  const what = table === undefined ? operation : `${operation} on ${table}`
  return `${what}${peer === undefined ? '' : ` for ${peer}`} failed: ${error.message}`
}
