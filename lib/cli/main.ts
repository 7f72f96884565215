#!/usr/bin/env node
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

// `beamlink … | head`: who read has gone, and there is nothing left to do.
process.stdout.on('error', () => process.exit(0))

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
