let count = 0

/** An alive name that no other test uses, nor this one before. */
export function uniqueAlive(prefix = 'n'): string {
  count += 1
  return `${prefix}_${process.pid}_${count}`
}

/** A node name on loopback that no other test uses, nor this one before. */
export function uniqueName(prefix = 'n'): string {
  return `${uniqueAlive(prefix)}@127.0.0.1`
}
