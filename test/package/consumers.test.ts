import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { output } from '../helpers/package/command.js'
import { Consumer, entryPoints } from '../helpers/package/consumer.js'
import { root } from '../helpers/rings.js'

const compiler = path.join(root, 'node_modules/typescript/bin/tsc')

/** Uses each entry point, so that types which resolve to nothing are noticed. */
const program = `
${entryPoints.map((entry, index) => `import * as entry${index} from '${entry}'`).join('\n')}
import { ErlangNode, type NodeOptions, type Term } from 'beamlink'
import { Kamailio } from 'beamlink/kamailio'
export const isAny: 0 extends 1 & typeof ErlangNode ? true : false = false
export const isAnyEither: 0 extends 1 & typeof Kamailio ? true : false = false
export const entries: object[] = [${entryPoints.map((_, index) => `entry${index}`).join(', ')}]
const options: NodeOptions = { name: 'a@127.0.0.1' }
export const answer = async (): Promise<Term> =>
  (await ErlangNode.start(options)).rpc('b@127.0.0.1', 'erlang', 'node')
`

const settings: Readonly<Record<string, readonly string[]>> = {
  node16: ['--module', 'node16'],
  nodenext: ['--module', 'nodenext'],
  bundler: ['--module', 'esnext'],
}

describe('a program in TypeScript', () => {
  let consumer: Consumer
  beforeAll(() => {
    consumer = new Consumer()
    for (const ending of ['cts', 'mts', 'ts'])
      writeFileSync(path.join(consumer.folder, `use.${ending}`), program)
    writeFileSync(
      path.join(consumer.folder, 'wrong.mts'),
      "import { ErlangNode } from 'beamlink'\nvoid ErlangNode.start({ name: 42 })\n",
    )
  })
  afterAll(() => consumer.remove())

  const compile = (resolution: string, files: readonly string[]) =>
    output(
      process.execPath,
      [
        ...[compiler, '--noEmit', '--strict', '--exactOptionalPropertyTypes'],
        ...['--target', 'es2022', '--lib', 'es2023,esnext.disposable', '--types', 'node'],
        ...['--moduleResolution', resolution, ...(settings[resolution] ?? []), ...files],
      ],
      { cwd: consumer.folder },
    )

  it('is told of a wrong type', async () => {
    await expect(compile('nodenext', ['wrong.mts'])).rejects.toThrow(/'number' is not assignable/)
  })

  it.each(['node16', 'nodenext'])('finds the types of each entry point under %s', async (name) => {
    expect(await compile(name, ['use.cts', 'use.mts', 'use.ts'])).toBe('')
  })

  it('finds the types of each entry point under bundler', async () => {
    expect(await compile('bundler', ['use.ts'])).toBe('')
  })
})

describe('a program in JavaScript', () => {
  let consumer: Consumer
  beforeAll(() => {
    consumer = new Consumer()
  })
  afterAll(() => consumer.remove())

  it('gets the same classes by import and by require', async () => {
    const script = `
      import { createRequire } from 'node:module'
      const require = createRequire(import.meta.url)
      for (const entry of ${JSON.stringify(entryPoints)}) {
        const required = require(entry)
        const imported = await import(entry)
        const names = Object.keys(required).filter((name) => typeof required[name] === 'function')
        if (names.length === 0) console.log(entry + ' has no functions')
        for (const name of names)
          if (imported[name] !== required[name]) console.log(entry + ' has two of ' + name)
      }`
    writeFileSync(path.join(consumer.folder, 'both.mjs'), script)
    expect(await output(process.execPath, ['both.mjs'], { cwd: consumer.folder })).toBe('')
  })
})
