import { readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { checkNames, checkText } from '../../base/validate.js'
import { invalidArgument } from '../../errors.js'
import type { TaskDefinition } from './definition.js'
import { parseExec } from './exec-string.js'

/** What a file holds: definitions, and the folder that their modules count from. */
export interface DefinitionFile {
  readonly base: string
  readonly script: string | undefined
  readonly tasks: readonly TaskDefinition[]
}

/**
 * Reads a JSON file: an array of definitions, objects or strings, or
 * `{ "script": "./jobs.mjs", "tasks": […] }`. Relative modules count from the file.
 *
 * Errors: those of reading the file; TypeError that names the file, and the definition by its place.
 */
export function readDefinitionFile(file: string | URL): DefinitionFile {
  const name = file instanceof URL ? fileURLToPath(file) : checkText('file', file)
  const content = parse(name, readFileSync(name, 'utf8'))
  const { tasks, script } = Array.isArray(content) ? { tasks: content } : partsOf(name, content)
  return {
    base: path.dirname(path.resolve(name)),
    script: script === undefined ? undefined : checkText(`script of ${name}`, script),
    tasks: tasks.map((task, index) => taskOf(name, index, task)),
  }
}

function parse(file: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new TypeError(`${file} holds no JSON: ${(error as Error).message}`, { cause: error })
  }
}

function partsOf(file: string, content: unknown): { tasks: unknown[]; script?: unknown } {
  if (typeof content !== 'object' || content === null) {
    throw invalidArgument(file, 'an array of tasks or { tasks, script }', content)
  }
  checkNames(file, content, ['tasks', 'script'])
  const { tasks, script } = content as { tasks?: unknown; script?: unknown }
  if (!Array.isArray(tasks)) throw invalidArgument(`tasks of ${file}`, 'an array', tasks)
  return { tasks, script }
}

function taskOf(file: string, index: number, task: unknown): TaskDefinition {
  const place = `task ${index} of ${file}`
  if (typeof task === 'string') return execOf(place, task)
  if (typeof task !== 'object' || task === null || Array.isArray(task)) {
    throw invalidArgument(place, 'an object or a string', task)
  }
  checkText(`name of ${place}`, (task as { name?: unknown }).name)
  return task as TaskDefinition
}

function execOf(place: string, task: string): TaskDefinition {
  try {
    return parseExec(task)
  } catch (error) {
    if (error instanceof Error) error.message = `${place}: ${error.message}`
    throw error
  }
}
