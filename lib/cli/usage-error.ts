/** The command was written wrongly: nothing has been done. */
export class UsageError extends Error {}

/** The person has pressed Ctrl-C, or the program was told to end. */
export class Interrupted extends Error {
  readonly signal: 'SIGINT' | 'SIGTERM'

  constructor(signal: 'SIGINT' | 'SIGTERM') {
    super('interrupted')
    this.signal = signal
  }
}
