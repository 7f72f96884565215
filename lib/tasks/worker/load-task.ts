import { fileURLToPath } from 'node:url'
import { invalidArgument } from '../../errors.js'
import type { RunTarget } from '../definition/run-target.js'
import type { TaskFunction } from './task.js'

/**
 * The function of a task.
 *
 * Errors: Error with the module's own as `cause` when it does not load; TypeError when it exports no
 *         function of that name.
 */
export async function loadTask({ module, exports }: RunTarget): Promise<TaskFunction> {
  const loaded = await imported(module)
  for (const name of exports) {
    const value = loaded[name] ?? (loaded.default as Record<string, unknown> | undefined)?.[name]
    if (typeof value === 'function') return value as TaskFunction
    if (value !== undefined) throw noFunction(module, name, value)
  }
  throw noFunction(module, exports.join(' or '), undefined)
}

async function imported(module: string): Promise<Record<string, unknown>> {
  try {
    return await import(module)
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    const error = new Error(`${fileURLToPath(module)} does not load: ${why}`, { cause })
    if (cause instanceof Error && cause.stack !== undefined) error.stack = cause.stack
    throw error
  }
}

function noFunction(module: string, name: string, value: unknown): TypeError {
  return invalidArgument(`export ${name} of ${fileURLToPath(module)}`, 'a function', value)
}
