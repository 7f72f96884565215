import ts from 'typescript'

/**
 * A page of documentation as a program. Its blocks run in order, as a reader would type them:
 *
 *   ```ts       Node. A line `EXPRESSION // → VALUE` must give what `util.inspect` prints as VALUE
 *   ```text     what `console.log` has printed since the last such block
 *   ```erlang   a module of the Erlang node
 *   ```erl      its shell: prompts `(shop@127.0.0.1)1> Expression.`, the answers below them
 *
 * Blocks of other languages are for reading only.
 */
export interface Page {
  /** A module; it calls back for every step of Erlang by its index in `steps`. */
  readonly program: string
  readonly steps: readonly ErlangStep[]
}

export type ErlangStep =
  | { readonly kind: 'module'; readonly source: string }
  | { readonly kind: 'shell'; readonly expression: string; readonly answer: string }

interface Block {
  readonly language: string
  readonly text: string
}

export function blocksOf(markdown: string): Block[] {
  return Array.from(
    markdown.matchAll(/^```(\w+)\n(.*?)^```$/gms),
    ([, language = '', text = '']) => ({
      language,
      text,
    }),
  )
}

export function pageOf(markdown: string, runtime: string): Page {
  const steps: ErlangStep[] = []
  const parts = blocksOf(markdown).map(({ language, text }) => {
    switch (language) {
      case 'ts':
        return checked(text)
      case 'text':
        return `await printed(${JSON.stringify(text)})`
      case 'erlang':
        return callFor(steps, [{ kind: 'module', source: text }])
      case 'erl':
        return callFor(steps, shellSteps(text))
      default:
        return ''
    }
  })
  const source = [
    `import { printed, same, erlang } from ${JSON.stringify(runtime)}`,
    ...parts,
    'process.disconnect?.()',
    'process.exit()',
  ].join('\n')
  return { program: plain(source), steps }
}

/** Lines that state their value check it. */
function checked(text: string): string {
  return text.replace(/^(.*\S)\s+\/\/ → (.*)$/gm, (_, statement: string, value: string) => {
    const printing = /^console\.log\((.*)\)$/.exec(statement)
    return `same(${printing?.[1] ?? statement}, ${JSON.stringify(value)})`
  })
}

function callFor(steps: ErlangStep[], added: readonly ErlangStep[]): string {
  return added.map((step) => `await erlang(${steps.push(step) - 1})`).join('\n')
}

function shellSteps(text: string): ErlangStep[] {
  return text
    .split(/^\([^)]+\)\d+> /m)
    .slice(1)
    .map((part) => {
      const [, expression = '', answer = ''] = /^(.*?)\.\n(.*)$/s.exec(part) ?? []
      return { kind: 'shell', expression, answer: answer.trim() }
    })
}

function plain(source: string): string {
  return ts.transpileModule(source, {
    compilerOptions: { target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.ESNext },
  }).outputText
}
