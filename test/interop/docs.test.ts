import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ErlNode } from '../helpers/erl-node.js'
import { type ErlangStep, pageOf } from '../helpers/page.js'
import { withDeadline } from '../helpers/waiting.js'

const root = path.resolve(__dirname, '../..')
/** Inside the package, so that a page may import it by name. */
const folder = path.join(root, '.cache/pages')

const pages = ['README.md', ...readdirSync(path.join(root, 'docs')).map((file) => `docs/${file}`)]

describe('the pages of the documentation', () => {
  let erl: ErlNode
  beforeEach(async () => {
    erl = await ErlNode.start({ name: 'shop@127.0.0.1', cookie: 'secret' })
    // As the page on spawning says; files of this machine need not be there for the node.
    await erl.load(readFileSync(path.join(root, 'lib/otp/beamlink.erl'), 'utf8'))
  })
  afterEach(() => erl.stop())

  it.each(pages)('%s: every block of code does what the page says', async (file) => {
    const runtime = path.join(__dirname, '../helpers/page-runtime.mjs')
    const page = pageOf(readFileSync(path.join(root, file), 'utf8'), runtime)
    const program = path.join(folder, `${path.basename(file, '.md')}.mjs`)
    mkdirSync(folder, { recursive: true })
    writeFileSync(program, page.program)
    expect(await run(program, page.steps, erl)).toEqual({ said: '', code: 0 })
  })
})

async function run(program: string, steps: readonly ErlangStep[], erl: ErlNode) {
  const child = fork(program, {
    env: { ...process.env, ERL_EPMD_PORT: String(erl.epmdPort) },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  const session = erl.session()
  let said = ''
  child.stderr?.on('data', (bytes: Buffer) => {
    said += bytes.toString()
  })
  child.on('message', async (index: number) => {
    const step = steps[index]
    const error = step === undefined ? `no step ${index}` : await perform(step, erl, session)
    child.send({ error })
  })
  try {
    const [code] = await withDeadline(once(child, 'exit'), `${program} to end`, 25_000)
    return { said, code }
  } finally {
    child.kill('SIGKILL')
  }
}

type Session = ReturnType<ErlNode['session']>

/** What went otherwise than the page says, if anything did. */
async function perform(
  step: ErlangStep,
  erl: ErlNode,
  session: Session,
): Promise<string | undefined> {
  try {
    if (step.kind === 'module') {
      await erl.load(step.source)
      return undefined
    }
    const answer = await session.eval(step.expression)
    return comparable(answer) === comparable(step.answer)
      ? undefined
      : `${step.expression} gave ${answer}, the page says ${step.answer}`
  } catch (error) {
    return String(error)
  }
}

/** The shell breaks lines; pids and references differ from run to run. */
function comparable(printed: string): string {
  return printed
    .replace(/\s+/g, '')
    .replace(/<\d+\.\d+\.\d+>/g, '<pid>')
    .replace(/#Ref<[\d.]+>/g, '<ref>')
}
