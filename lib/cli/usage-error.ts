/** The command was written wrongly: nothing has been done. */
export class UsageError extends Error {
  readonly whatToDo: string

  constructor(message: string, whatToDo = 'See beamlink --help.') {
    super(message)
    this.whatToDo = whatToDo
  }
}

/** A term or an expression cannot be read; where it ends to be one is all that helps. */
export class SyntaxFault extends UsageError {
  constructor(message: string) {
    super(message, '')
  }
}

/** The person has pressed Ctrl-C, or the program was told to end. */
export class Interrupted extends Error {
  readonly signal: 'SIGINT' | 'SIGTERM'

  constructor(signal: 'SIGINT' | 'SIGTERM') {
    super('interrupted')
    this.signal = signal
  }
}
