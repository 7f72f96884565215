import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { Epmd } from './epmd.js'
import { ErlNode } from './erl-node.js'
import { type Page, pageOf } from './page.js'
import { PageRun } from './page-run.js'
import { root } from './rings.js'
import { withDeadline } from './waiting.js'

/** Inside the package, so that a page may import it by name. */
const folder = path.join(root, '.cache/pages')
const runtime = path.join(__dirname, 'page-runtime.mjs')

/** Reads pages as a reader who does what they say; see page.ts. */
export function describePages(pages: readonly string[]): void {
  let epmd: Epmd
  let erl: ErlNode | undefined
  let run: PageRun | undefined
  beforeEach(async () => {
    epmd = await Epmd.start()
  })
  afterEach(async () => {
    await run?.stop()
    await erl?.stop()
    await epmd.stop()
    run = undefined
    erl = undefined
  })

  const whole = async (file: string) => {
    const page = pageOf(readFileSync(path.join(root, file), 'utf8'), runtime)
    if (!startsItsOwn(page)) erl = await startErlang(epmd.port)
    run = new PageRun(epmd.port, erl)
    expect(await result(file, page, run, epmd.port)).toEqual({ said: '', code: 0 })
  }
  it.each(pages)('%s: every block of code does what the page says', whole, 180_000)
}

/** The node that the pages speak of: `erl -name shop@127.0.0.1 -setcookie secret`. */
async function startErlang(epmdPort: number): Promise<ErlNode> {
  const erl = await ErlNode.start({ name: 'shop@127.0.0.1', cookie: 'secret', epmdPort })
  // As the page on spawning says; files of this machine need not be there for the node.
  await erl.load(readFileSync(path.join(root, 'lib/otp/beamlink.erl'), 'utf8'))
  return erl
}

function startsItsOwn({ steps }: Page): boolean {
  return steps.some(
    (step) =>
      (step.kind === 'iex' && step.command?.includes('shop@127.0.0.1')) ||
      (step.kind === 'command' && step.isLeft && step.console.command.startsWith('erl ')),
  )
}

async function result(file: string, page: Page, run: PageRun, epmdPort: number) {
  mkdirSync(folder, { recursive: true })
  const program = path.join(folder, `${path.basename(file, '.md')}.mjs`)
  writeFileSync(program, page.program)
  const child = fork(program, {
    cwd: run.folder,
    env: { ...process.env, ERL_EPMD_PORT: String(epmdPort) },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  let said = ''
  child.stderr?.on('data', (bytes: Buffer) => {
    said += bytes.toString()
  })
  child.on('message', async (index: number) => {
    child.send({ error: await run.perform(page.steps[index]) })
  })
  try {
    const [code] = await withDeadline(once(child, 'exit'), `${program} to end`, 170_000)
    return { said, code }
  } finally {
    child.kill('SIGKILL')
  }
}
