import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { output } from '../helpers/package/command.js'
import { root } from '../helpers/rings.js'

interface Component {
  readonly name: string
  readonly version: string
  readonly purl: string
  readonly hashes?: readonly { readonly content: string }[]
  readonly licenses: readonly {
    readonly license?: { readonly id: string }
    readonly expression?: string
  }[]
  readonly properties: readonly { readonly name: string; readonly value: string }[]
}

interface Locked {
  readonly version: string
  readonly integrity: string
  readonly license: string
  readonly dev?: boolean
  readonly peer?: boolean
}

const json = (file: string) => JSON.parse(readFileSync(path.join(root, file), 'utf8'))
const manifest = json('package.json')
const locked = Object.entries<Locked>(json('package-lock.json').packages)

const parts = `linux-x64-glibc erl_interface 5.3 Apache-2.0 pkg:deb/debian/erlang@25?arch=source
linux-x64-glibc libstdc++ 10.2.1 GPL-3.0-or-later+WITH+GCC-exception-3.1 pkg:generic/gcc@10.2.1
`
const parts2 = parts.replaceAll('linux-x64', 'linux-arm64')

describe('the list of what the package is made of', () => {
  let folder = ''
  let text = ''
  let components: readonly Component[] = []
  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'beamlink-bill-'))
    writeFileSync(path.join(folder, 'one.parts'), parts)
    writeFileSync(path.join(folder, 'two.parts'), parts2)
    text = await write()
    components = JSON.parse(text).components
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  const write = async () => {
    const files = ['one.parts', 'two.parts'].map((file) => path.join(folder, file))
    await output(process.execPath, [path.join(root, 'scripts/sbom.mjs'), folder, ...files])
    return readFileSync(path.join(folder, 'sbom.cdx.json'), 'utf8')
  }
  const line = (of: { name: string; version: string; hash: string | undefined }) =>
    `${of.name}@${of.version} ${of.hash}`
  const isLinked = ({ properties }: Component) =>
    properties.some(({ name }) => name === 'beamlink:linkage')

  it('is refused when a part has no licence or no origin', async () => {
    const file = path.join(folder, 'wrong.parts')
    writeFileSync(file, 'linux-x64-glibc zlib 1.3\n')
    const words = [path.join(root, 'scripts/sbom.mjs'), folder, file]
    await expect(output(process.execPath, words)).rejects.toThrow('a part is "target name')
    await expect(output(process.execPath, words.slice(0, 2))).rejects.toThrow('needs a folder and')
  })

  it('has each package that npm installs with this one, as package-lock.json has it', () => {
    const runtime = locked.filter(([place, each]) => place !== '' && !each.dev && !each.peer)
    const expected = runtime.map(([place, { version, integrity }]) => ({
      name: place.replace(/^.*node_modules\//, ''),
      version,
      hash: Buffer.from(integrity.replace('sha512-', ''), 'base64').toString('hex'),
    }))
    const found = components
      .filter((component) => !isLinked(component))
      .map(({ name, version, hashes }) => ({ name, version, hash: hashes?.[0]?.content }))
    // What is installed in two places is one component.
    expect(found.map(line).sort()).toEqual([...new Set(expected.map(line))].sort())
    expect(found.map(({ name }) => name)).toEqual(
      expect.arrayContaining(Object.keys(manifest.dependencies)),
    )
  })

  it('has none that is for development only', () => {
    const names = new Set(components.map(({ name }) => name))
    for (const name of Object.keys(manifest.devDependencies)) expect(names).not.toContain(name)
  })

  it('has what is linked into the addons, once, with the targets that have it', () => {
    const linked = components.filter(isLinked)
    expect(linked.map(({ name, version }) => `${name} ${version}`)).toEqual([
      'erl_interface 5.3',
      'libstdc++ 10.2.1',
    ])
    for (const { properties } of linked) {
      const targets = properties.filter(({ name }) => name === 'beamlink:target')
      expect(targets.map(({ value }) => value)).toEqual(['linux-arm64-glibc', 'linux-x64-glibc'])
    }
  })

  it('names a licence for each, in a table for people too', () => {
    const table = readFileSync(path.join(folder, 'licenses.md'), 'utf8')
    for (const { name, version, licenses } of components) {
      const licence = licenses.map((each) => each.expression ?? each.license?.id).join(', ')
      expect(licence).not.toBe('')
      expect(table).toContain(`| ${name} | ${version} | ${licence} | `)
    }
    expect(table).toContain('GPL-3.0-or-later WITH GCC-exception-3.1')
  })

  it('is the same each time, and names no place where it was made', async () => {
    expect(text).not.toMatch(/timestamp|registry|https?:\/\/(?!cyclonedx\.org)|beamlink-sbom-/)
    expect(await write()).toBe(text)
  })
})

describe('the notice', () => {
  it('names each package that is used at run time, and what is linked in', () => {
    const notice = readFileSync(path.join(root, 'NOTICE'), 'utf8')
    for (const name of [...Object.keys(manifest.dependencies), 'ei,', 'libstdc++'])
      expect(notice).toContain(name)
  })

  it('comes with the licence of ei', () => {
    expect(manifest.files).toContain('LICENSE.ei')
    expect(readFileSync(path.join(root, 'LICENSE.ei'), 'utf8')).toContain('Apache License')
  })
})
