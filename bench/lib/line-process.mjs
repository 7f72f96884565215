import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { context } from './context.mjs'

/** A child process that answers each line on its stdin with one line of JSON on its stdout. */
export class LineProcess {
  #waiting = null
  #stderr = ''
  #dead

  constructor(name, { cmd, args, env = {} }) {
    this.name = name
    this.child = spawn(cmd, args, {
      cwd: context.root,
      env: { ...process.env, ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    this.child.stderr.on('data', (text) => {
      this.#stderr = (this.#stderr + text).slice(-2000)
    })
    this.child.on('error', (error) => this.#end(error.message))
    this.child.on('exit', (code, signal) => this.#end(`exited (${signal ?? code}) ${this.#why()}`))
    // A write to a child that has just died: its exit tells.
    this.child.stdin.on('error', () => {})
    createInterface({ input: this.child.stdout }).on('line', (line) => this.#line(line))
  }

  /** The answer, or `{ error }` when the process is gone or `limitMs` have passed. */
  ask(line, limitMs = 30_000) {
    if (this.#dead !== undefined) return Promise.resolve({ error: this.#dead })
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#end('timed out')
        this.child.kill('SIGKILL')
      }, limitMs)
      this.#waiting = (answer) => {
        clearTimeout(timer)
        resolve(answer)
      }
      this.child.stdin.write(`${line}\n`)
    })
  }

  async close() {
    this.child.stdin.end()
    if (this.child.exitCode !== null || this.child.signalCode !== null) return
    if (this.child.pid === undefined) return
    const timer = setTimeout(() => this.child.kill('SIGKILL'), 3000)
    await once(this.child, 'exit')
    clearTimeout(timer)
  }

  #line(line) {
    if (!line.startsWith('{')) return
    try {
      this.#answer(JSON.parse(line))
    } catch {
      this.#answer({ error: `bad answer: ${line.slice(0, 80)}` })
    }
  }

  #answer(answer) {
    const waiting = this.#waiting
    this.#waiting = null
    waiting?.(answer)
  }

  #why() {
    return this.#stderr.trim().split('\n').pop()
  }

  #end(why) {
    this.#dead ??= why
    this.#answer({ error: this.#dead })
  }
}
