import { type InspectOptions, inspect } from 'node:util'

/** What `util.inspect` hands to `[inspect.custom]`. */
export interface CustomInspectOptions extends InspectOptions {
  readonly stylize: (text: string, style: string) => string
}

/**
 * Shows `value` where `depth` levels are left. The options that `util.inspect` hands over state the
 * depth of the outermost call, which would let nested terms begin anew.
 */
export function inspectWithin(value: unknown, depth: number, options: InspectOptions): string {
  return inspect(value, { ...options, depth })
}
