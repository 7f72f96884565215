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

const prompt = /^(?:\([^)]*\)\d+> |\.\. |\w+@[\w.]+> )/

/**
 * The commands of a block ```` ```console ````: lines `$ COMMAND`, the output below each. What comes
 * from a block `console beside` is run while the command before it waits.
 */
export function consoleSteps(block: string): ConsoleStep[] {
  const steps = block.split(/^\$ /m).slice(1).map(stepOf)
  return steps.map((step, index) => afterCommand(step, steps[index - 1]))
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
