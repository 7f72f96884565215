import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { context } from './context.mjs'

const runProgram = promisify(execFile)

/** A child that hangs fails the run instead of holding it. */
const CHILD_MS = 300_000

/**
 * The line of JSON that a script of bench/ prints, run by a Node of its own. Its last argument is the
 * context, with a node name made of `name`.
 */
export async function askChild(
  servers,
  name,
  [script, ...args],
  execArgv = [],
  timeoutMs = CHILD_MS,
) {
  const connection = JSON.stringify({ ...servers.plain, self: servers.nodeName(name) })
  const command = [...execArgv, script, ...args.map(String), connection]
  const options = { cwd: context.root, timeout: timeoutMs }
  const { stdout } = await runProgram(process.execPath, command, options)
  return JSON.parse(stdout)
}
