import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { cliProgram } from './cli.js'
import type { ConsoleStep } from './console-page.js'
import type { ErlNode, ErlSession } from './erl-node.js'
import { IexShell } from './iex-shell.js'
import type { PageStep } from './page.js'
import { PageCommand } from './page-command.js'
import { freePort } from './ports.js'
import { root } from './rings.js'

/** Where a reader of a page is: a folder, an Erlang node, the shells and commands that run. */
export class PageRun {
  readonly #erl: ErlNode | undefined
  readonly #session: ErlSession | undefined
  /** Has the package in `node_modules`, and its examples. */
  readonly folder = mkdtempSync(path.join(tmpdir(), 'beamlink-page-'))
  readonly #env: NodeJS.ProcessEnv
  readonly #left = new Map<string, PageCommand>()
  #lastLeft: PageCommand | undefined
  #iex: IexShell | undefined

  constructor(epmdPort: number, erl: ErlNode | undefined) {
    this.#erl = erl
    this.#session = erl?.session()
    const programs = installPackage(this.folder)
    const { NO_COLOR: _none, BEAMLINK_COOKIE: _cookie, ...outer } = process.env
    this.#env = {
      ...outer,
      PATH: `${programs}:${process.env.PATH}`,
      ERL_EPMD_PORT: String(epmdPort),
    }
  }

  /** What went otherwise than the page says, if anything did. */
  async perform(step: PageStep | undefined): Promise<string | undefined> {
    try {
      return step === undefined ? 'there is no such step' : await this.#do(step)
    } catch (error) {
      return String(error)
    }
  }

  async stop(): Promise<void> {
    await this.#iex?.stop()
    for (const command of this.#left.values()) await command.stop()
    rmSync(this.folder, { recursive: true })
  }

  async #do(step: PageStep): Promise<string | undefined> {
    switch (step.kind) {
      case 'module':
        await this.#erl?.load(step.source)
        return undefined
      case 'shell':
        return shellDifference(
          step.expression,
          await this.#session?.eval(step.expression),
          step.answer,
        )
      case 'file':
        writeFileSync(path.join(this.folder, step.name), step.text)
        return undefined
      case 'part':
        return readFileSync(path.join(root, step.name), 'utf8').includes(step.text)
          ? undefined
          : `${step.name} has no such part`
      case 'iex':
        return await this.#typeIntoIex(step)
      case 'said':
        return await this.#said(step.text)
      case 'command':
        if (!step.needs.every(isThere)) return undefined
        return step.isLeft ? await this.#leave(step.console) : await this.#run(step.console)
    }
  }

  async #typeIntoIex({ command, lines }: PageStep & { kind: 'iex' }): Promise<string | undefined> {
    if (command !== undefined) {
      await this.#iex?.stop()
      this.#iex = await IexShell.start(command, this.folder, this.#env)
    }
    for (const { typed, answer } of lines) {
      const trouble = shellDifference(typed, await this.#iex?.type(typed), answer)
      if (trouble !== undefined) return trouble
    }
    return undefined
  }

  async #said(text: string): Promise<string | undefined> {
    const lines = text.trimEnd().split('\n').length
    return difference('the command that runs', await this.#lastLeft?.lines(lines), text)
  }

  /** Starts a command that goes on; one that runs already is ended before. */
  async #leave(step: ConsoleStep): Promise<string | undefined> {
    await this.#left.get(step.command)?.stop()
    const command = new PageCommand(step, this.folder, this.#env)
    this.#left.set(step.command, command)
    this.#lastLeft = command
    return difference(
      step.command,
      await command.lines(step.output.split('\n').length),
      step.output,
    )
  }

  async #run(step: ConsoleStep): Promise<string | undefined> {
    const [, name, value] = /^export (\w+)=(.*)$/.exec(step.command) ?? []
    if (name !== undefined) {
      this.#env[name] = value
      return undefined
    }
    // A port that nobody else has, where a page names one for a program of its own.
    const port = String(await freePort())
    const command = step.command.replaceAll('45369', port)
    const running = new PageCommand({ ...step, command }, this.folder, this.#env)
    try {
      if (step.beside.length > 0) {
        // What it says first tells that it is ready for the others.
        await running.lines(1)
        for (const other of step.beside) {
          const trouble = await this.#run(other)
          if (trouble !== undefined) return trouble
        }
      }
      if (step.interrupted) {
        await running.lines(step.output.split('\n').length)
        running.interrupt()
      }
      const printed = await running.output()
      return difference(step.command, printed.replaceAll(port, '45369'), step.output)
    } finally {
      await running.stop()
    }
  }
}

/** `beamlink` and what its users have beside it, in `node_modules`; gives the folder of programs. */
function installPackage(folder: string): string {
  const modules = path.join(folder, 'node_modules')
  const programs = path.join(modules, '.bin')
  mkdirSync(programs, { recursive: true })
  symlinkSync(root, path.join(modules, 'beamlink'))
  symlinkSync(path.join(root, 'examples'), path.join(folder, 'examples'))
  for (const name of ['@types', 'undici-types', 'typescript'])
    symlinkSync(path.join(root, 'node_modules', name), path.join(modules, name))
  const compiler = path.join(root, 'node_modules/typescript/bin/tsc')
  for (const [name, file] of Object.entries({ beamlink: cliProgram, tsc: compiler })) {
    const program = path.join(programs, name)
    writeFileSync(program, `#!/bin/sh\nexec '${process.execPath}' '${file}' "$@"\n`)
    chmodSync(program, 0o755)
  }
  return programs
}

function isThere(programOrFile: string): boolean {
  const folders = path.isAbsolute(programOrFile) ? [''] : (process.env.PATH?.split(':') ?? [])
  return folders.some((folder) => existsSync(path.join(folder, programOrFile)))
}

function difference(what: string, got = '', wanted = ''): string | undefined {
  return comparable(got) === comparable(wanted.trimEnd())
    ? undefined
    : `${what} gave ${got}, the page says ${wanted}`
}

/** Shells break lines where they like. */
function shellDifference(what: string, got = '', wanted = ''): string | undefined {
  const squeezed = (text: string) => comparable(text).replace(/\s+/g, '')
  return squeezed(got) === squeezed(wanted)
    ? undefined
    : `${what} gave ${got}, the page says ${wanted}`
}

/** Pids, references, ports, times and places in files differ from run to run. */
function comparable(printed: string): string {
  return printed
    .replace(/<shop@127\.0\.0\.1\.\d+\.\d+>|(?:#PID)?<\d+\.\d+\.\d+>/g, '<pid>')
    .replace(/#Ref(?:erence)?<[\d.]+>/g, '<ref>')
    .replace(/beamlink_\d+_[0-9a-f]+@/g, 'beamlink_N@')
    .replace(/port \d+/g, 'port N')
    .replace(/127\.0\.0\.1:\d+/g, '127.0.0.1:N')
    .replace(/(?:\d{4}-\d\d-\d\dT)?\d\d:\d\d:\d\d\.\d{3}Z?/g, 'TIME')
    .replace(/\(elixir [\d.]+\)/g, '(elixir)')
    .replace(/\.ex:\d+:/g, '.ex:N:')
}
