import { types } from 'node:util'
import { brandedKind } from '../term/brand.js'
import type { ImproperList } from '../term/list.js'
import type { TermMap } from '../term/map.js'
import type { AnyTuple } from '../term/tuple.js'
import { isPlainObject } from './encodable.js'

/** An object whose parts are being looked at, and those that are left. */
interface Visit {
  readonly object: object
  readonly parts: Iterator<unknown>
}

/** Whether a value is a part of itself. Each object is looked at once, whatever the depth. */
export function containsItself(root: unknown): boolean {
  const around = new Set<unknown>()
  const done = new Set<unknown>()
  const visits: Visit[] = []
  const enter = (value: unknown): void => {
    if (typeof value !== 'object' || value === null || done.has(value)) return
    done.add(value)
    around.add(value)
    visits.push({ object: value, parts: partsOf(value) })
  }
  enter(root)
  for (let visit = visits.at(-1); visit !== undefined; visit = visits.at(-1)) {
    const part = visit.parts.next()
    if (part.done === true) {
      around.delete(visit.object)
      visits.pop()
    } else {
      if (around.has(part.value)) return true
      enter(part.value)
    }
  }
  return false
}

function* partsOf(value: object): Generator<unknown, undefined> {
  if (Array.isArray(value)) yield* value
  else if (types.isMap(value)) for (const [key, part] of value) yield* [key, part]
  else {
    switch (brandedKind(value)) {
      case 'tuple':
        yield* (value as AnyTuple).elements
        break
      case 'improper':
        yield* (value as ImproperList).elements
        yield (value as ImproperList).tail
        break
      case 'map':
        yield* (value as TermMap).toFlat()
        break
      case undefined:
        if (isPlainObject(value)) yield* Object.values(value)
        break
    }
  }
}
