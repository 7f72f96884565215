type Ordered = number | bigint | string | Uint8Array | Date

/** Numbers and dates by value; text and blobs by their bytes, as SQLite does. */
export function orderOf(left: Ordered, right: Ordered): number {
  const a = left instanceof Date ? left.getTime() : left
  const b = right instanceof Date ? right.getTime() : right
  if (isNumeric(a) && isNumeric(b)) return a < b ? -1 : a > b ? 1 : 0
  return Buffer.compare(bytesOf(a), bytesOf(b))
}

function isNumeric(value: unknown): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint'
}

function bytesOf(value: Exclude<Ordered, Date>): Uint8Array {
  return value instanceof Uint8Array ? value : Buffer.from(String(value))
}
