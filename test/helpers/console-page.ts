/** A command of a page, and what the page says that it prints. */
export interface ConsoleStep {
  readonly command: string
  /** What runs before it, unseen: the last command, where `$?` is asked for. */
  readonly before: string
  /** What is typed into it, of lines with a prompt of its own. */
  readonly input: string
  readonly output: string
  /** Whether the last line is `^C`. */
  readonly interrupted: boolean
  /** Commands that are run while it waits. */
  readonly beside: readonly ConsoleStep[]
}

const prompt = /^(?:\([^)]*\)\d+> |\.\. )/

/**
 * The commands of the blocks ```` ```console ````: lines `$ COMMAND`, the output below each. A block
 * `console beside` is run while the command before it waits.
 */
export function consoleSteps(markdown: string): ConsoleStep[] {
  const steps: ConsoleStep[] = []
  for (const [, beside, text = ''] of markdown.matchAll(/^```console( beside)?\n(.*?)^```$/gms)) {
    const block = text.split(/^\$ /m).slice(1).map(stepOf)
    const withStatus = block.map((step, index) => afterCommand(step, block[index - 1]))
    const last = steps.at(-1)
    if (beside === undefined || last === undefined) steps.push(...withStatus)
    else steps[steps.length - 1] = { ...last, beside: withStatus }
  }
  return steps
}

function stepOf(part: string): ConsoleStep {
  const [command = '', ...lines] = part.trimEnd().split('\n')
  const typed = lines.filter((line) => prompt.test(line)).map((line) => line.replace(prompt, ''))
  const output = lines.filter((line) => !prompt.test(line) && line !== '^C')
  return {
    command,
    before: '',
    input: typed.map((line) => `${line}\n`).join(''),
    output: output.join('\n'),
    interrupted: lines.at(-1) === '^C',
    beside: [],
  }
}

/** `echo $?` is about the command before it, which is run again for it. */
function afterCommand(step: ConsoleStep, last: ConsoleStep | undefined): ConsoleStep {
  return step.command.includes('$?') && last !== undefined
    ? { ...step, before: `${last.command} >/dev/null 2>&1; ` }
    : step
}
