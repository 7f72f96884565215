import ts from 'typescript'
import { type ConsoleStep, consoleSteps } from './console-page.js'
import { type Block, blocksOf } from './page-blocks.js'

/**
 * A page of documentation as a program. Its blocks run in order, as a reader would type them:
 *
 *   ```ts              Node. A line `EXPRESSION // → VALUE` must give what `util.inspect` prints
 *   ```text            what has been printed since the last such block: by `console.log`, or by the
 *                      command that keeps running
 *   ```erlang          a module of the Erlang node
 *   ```erl             its shell: prompts `(shop@127.0.0.1)1> Expression.`, the answers below them
 *   ```iex             the shell of Elixir, likewise; its first line may be the command that starts
 *                      it, again if it runs already
 *   ```console         commands `$ COMMAND` and what they print; see console-page.ts
 *   ```console running a command that is left running while the page goes on
 *   ```console where X only on machines that have X, programs or files
 *   ```js FILE         a file of that name (of any language), for the commands of the page
 *   ```js of FILE      a part of that file of the repository
 *
 * `unrun` gives those that nothing of this is for.
 */
export interface Page {
  /** A module; it calls back for every step that is not its own by its index in `steps`. */
  readonly program: string
  readonly steps: readonly PageStep[]
  readonly unrun: readonly Block[]
}

export type PageStep =
  | { readonly kind: 'module'; readonly source: string }
  | { readonly kind: 'shell'; readonly expression: string; readonly answer: string }
  | { readonly kind: 'iex'; readonly command: string | undefined; readonly lines: IexLine[] }
  | CommandStep
  | { readonly kind: 'said'; readonly text: string }
  | { readonly kind: 'file' | 'part'; readonly name: string; readonly text: string }

export interface CommandStep {
  readonly kind: 'command'
  readonly console: ConsoleStep
  /** Whether it is left running. */
  readonly isLeft: boolean
  /** Programs and files without which it is left out. */
  readonly needs: readonly string[]
}

export interface IexLine {
  readonly typed: string
  readonly answer: string
}

export function pageOf(markdown: string, runtime: string): Page {
  const steps: PageStep[] = []
  const unrun: Block[] = []
  const parts = blocksOf(markdown).map((block) => {
    const own = ownCode(block, steps)
    if (own !== undefined) return own
    const added = stepsOf(block, steps)
    if (added === undefined) unrun.push(block)
    return (added ?? []).map((step) => `await perform(${steps.push(step) - 1})`).join('\n')
  })
  const source = [
    `import { perform, printed, same } from ${JSON.stringify(runtime)}`,
    ...parts,
    'process.disconnect?.()',
    'process.exit()',
  ].join('\n')
  return { program: plain(source), steps, unrun }
}

/** The commands of a page and what they print, for a test that runs them in its own way. */
export function commandsOf(markdown: string): ConsoleStep[] {
  const steps: PageStep[] = []
  for (const block of blocksOf(markdown)) steps.push(...(stepsOf(block, steps) ?? []))
  return steps.flatMap((step) => (step.kind === 'command' ? [step.console] : []))
}

/** What runs in the program itself. */
function ownCode({ language, note, text }: Block, before: readonly PageStep[]): string | undefined {
  if (note !== '') return undefined
  if (language === 'ts') return checked(text)
  const isOfCommand = before.some((step) => step.kind === 'command' && step.isLeft)
  if (language === 'text' && !isOfCommand) return `await printed(${JSON.stringify(text)})`
  return undefined
}

function stepsOf(block: Block, before: PageStep[]): PageStep[] | undefined {
  const { language, note, text } = block
  const [, of, name] = /^(of )?([\w./-]+\.\w+)$/.exec(note) ?? []
  if (name !== undefined) return [{ kind: of === undefined ? 'file' : 'part', name, text }]
  switch (`${language} ${note}`.trim()) {
    case 'text':
      return [{ kind: 'said', text }]
    case 'erlang':
      return [{ kind: 'module', source: text }]
    case 'erl':
      return shellSteps(text)
    case 'iex':
      return [iexStep(text)]
    case 'console':
    case 'console running':
      return commandSteps(text, note === 'running', [])
    case 'console beside':
      runBesideLast(before, consoleSteps(text))
      return []
    default:
      return /^where /.test(note) && language === 'console'
        ? commandSteps(text, false, note.split(' ').slice(1))
        : undefined
  }
}

function commandSteps(
  text: string,
  isLeft: boolean,
  needs: readonly string[],
): PageStep[] | undefined {
  const steps = consoleSteps(text)
  if (steps.length === 0) return undefined
  return steps.map((step) => ({ kind: 'command', console: step, isLeft, needs }))
}

function runBesideLast(steps: PageStep[], beside: readonly ConsoleStep[]): void {
  const last = steps.pop()
  if (last?.kind !== 'command') throw new Error('a block `console beside` must follow a command')
  steps.push({ ...last, console: { ...last.console, beside } })
}

/** Lines that state their value check it. */
function checked(text: string): string {
  return text.replace(/^(.*\S)\s+\/\/ → (.*)$/gm, (_, statement: string, value: string) => {
    const printing = /^console\.log\((.*)\)$/.exec(statement)
    return `same(${printing?.[1] ?? statement}, ${JSON.stringify(value)})`
  })
}

function shellSteps(text: string): PageStep[] {
  return text
    .split(/^\([^)]+\)\d+> /m)
    .slice(1)
    .map((part) => {
      const [, expression = '', answer = ''] = /^(.*?)\.\n(.*)$/s.exec(part) ?? []
      return { kind: 'shell', expression, answer: answer.trim() }
    })
}

function iexStep(text: string): PageStep {
  const [start = '', ...parts] = text.split(/^(?:iex|\.\.\.)\([^)]+\)\d+> ?/m)
  const lines = parts.map((part) => {
    const [typed = '', ...answer] = part.split('\n')
    return { typed, answer: answer.join('\n').trim() }
  })
  return { kind: 'iex', command: /^\$ (.*)$/m.exec(start)?.[1], lines }
}

function plain(source: string): string {
  return ts.transpileModule(source, {
    compilerOptions: { target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.ESNext },
  }).outputText
}
