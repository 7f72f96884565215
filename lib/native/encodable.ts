/** `String.prototype.isWellFormed` of ES2024, which Node 20 has. */
export function isWellFormed(text: string): boolean {
  return (text as unknown as { isWellFormed(): boolean }).isWellFormed()
}

/** Erlang's limit, in characters. */
const maxAtomCharacters = 255

export function isAtomName(name: string): boolean {
  if (name.length > maxAtomCharacters && [...name].length > maxAtomCharacters) return false
  return isWellFormed(name)
}

/** The longest magnitude that any Erlang takes; OTP 27 and later take an eighth of it. */
export const maxBigBytes = 4_194_296

/** An object literal or one without prototype, of any realm. */
export function isPlainObject(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

export function hasSymbolKeys(object: object): boolean {
  return Object.getOwnPropertySymbols(object).length > 0
}
