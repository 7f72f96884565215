#!/usr/bin/env node
import { ExitCode } from './exit-code.js'
import { runCommandLine } from './program.js'
import { Interrupted } from './usage-error.js'

// A cookie among the arguments is not for those who list processes.
process.title = 'beamlink'

const interruption = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    // Whoever presses Ctrl-C twice does not want to wait for an orderly end.
    if (interruption.signal.aborted) process.exit(signal === 'SIGINT' ? 130 : 143)
    interruption.abort(new Interrupted(signal))
  })
}

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // `beamlink … | head`: who read has gone, and there is nothing left to do.
  if (error.code === 'EPIPE') process.exit(0)
  process.stderr.write(`beamlink: cannot write the output: ${error.message}\n`)
  process.exit(ExitCode.Local)
})
// What is for people is lost then; the exit code still tells.
process.stderr.on('error', () => undefined)

void runCommandLine(process.argv.slice(2), {
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  signal: interruption.signal,
}).then((code) => {
  process.exitCode = code
  // An input that nobody reads to its end would keep the program alive.
  process.stdin.destroy()
})
