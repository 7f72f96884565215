/** An error about a task that no line of code made: where it was noticed is of no use to anybody. */
export function plainError(message: string): Error {
  const error = new Error(message)
  delete error.stack
  return error
}
