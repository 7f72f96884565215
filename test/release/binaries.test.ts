import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import targets from '../../native/targets.json'
import { output } from '../helpers/package/command.js'
import { hardened, readElf } from '../helpers/package/elf.js'
import { root } from '../helpers/rings.js'

const prebuilt = targets.filter(({ how }) => how === 'prebuilt')
const places = prebuilt.map(
  ({ platform, arch, libc }) => `${platform}-${arch}/beamlink.${libc}.node`,
)
const glibcPlaces = places.filter((place) => place.includes('glibc'))

const names = prebuilt.map(({ platform, arch, libc }) => `${platform}-${arch}-${libc}`)

interface Part {
  readonly name: string
  readonly properties: readonly { readonly name: string; readonly value: string }[]
}

const isLinked = ({ properties }: Part) =>
  properties.some(({ name, value }) => name === 'beamlink:linkage' && value === 'static')
const targetsOf = ({ properties }: Part) =>
  properties.filter(({ name }) => name === 'beamlink:target').map(({ value }) => value)

/** The parts of a version after `GLIBC_`. */
function isAbove(version: string, limit: readonly [number, number]): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major > limit[0] || (major === limit[0] && minor > limit[1])
}

describe('the prebuilt addons', () => {
  let folder = ''
  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'beamlink-tarball-'))
    await output('tar', ['-xzf', inject('tarball'), '-C', folder, '--strip-components=1'])
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  const dynamic = (place: string) =>
    output('objdump', ['-T', path.join(folder, 'prebuilds', place)])
  const needed = async (place: string) => {
    const said = await output('objdump', ['-p', path.join(folder, 'prebuilds', place)])
    return Array.from(said.matchAll(/NEEDED +(\S+)/g), ([, library]) => library)
  }

  it('are those that the list of targets names', () => {
    const found = readdirSync(path.join(folder, 'prebuilds'), { recursive: true })
    expect(found.filter((file) => String(file).endsWith('.node')).sort()).toEqual(places.sort())
  })

  it.each(glibcPlaces)('%s needs no symbol above GLIBC_2.28', async (place) => {
    const said = await dynamic(place)
    const versions = Array.from(said.matchAll(/GLIBC_([\d.]+)/g), ([, version = '']) => version)
    expect(versions.length).toBeGreaterThan(10)
    expect(versions.filter((version) => isAbove(version, [2, 28]))).toEqual([])
    expect(said).not.toMatch(/GLIBCXX_|CXXABI_|GCC_/)
  })

  it.each(glibcPlaces)('%s needs no library but those of glibc', async (place) => {
    const glibc = /^(lib(c|m|dl|rt|pthread)\.so\.\d|ld-linux-(x86-64|aarch64)\.so\.\d)$/
    for (const library of await needed(place)) expect(library).toMatch(glibc)
  })

  it.each(places.filter((place) => place.includes('musl')))('%s needs musl only', async (place) => {
    expect(await needed(place)).toEqual(['libc.so'])
    expect(await dynamic(place)).not.toMatch(/GLIBC|CXXABI_|GCC_/)
  })

  it.each(places)('%s is hardened, and tells nothing of where it was built', async (place) => {
    const elf = await readElf(path.join(folder, 'prebuilds', place))
    expect(elf).toMatchObject(hardened)
    expect(elf.wanted).toContain('__stack_chk_fail')
    // musl has no checked variants of its functions.
    if (place.includes('glibc')) expect(elf.wanted.join()).toMatch(/__\w+_chk\b(?<!stack_chk)/)
  })

  it('are in the list of what the package is made of, with what is linked into them', () => {
    const bill = JSON.parse(readFileSync(path.join(folder, 'sbom.cdx.json'), 'utf8'))
    const linked = bill.components.filter(isLinked)
    expect(linked.map(({ name }: Part) => name)).toEqual(
      expect.arrayContaining(['erl_interface', 'libgcc', 'libstdc++']),
    )
    for (const name of ['erl_interface', 'libgcc', 'libstdc++']) {
      const parts = linked.filter((part: Part) => part.name === name)
      expect(parts.flatMap(targetsOf).sort()).toEqual(names.toSorted())
    }
    const licences = readFileSync(path.join(folder, 'licenses.md'), 'utf8')
    for (const { name, version } of bill.components) {
      expect(licences).toContain(`| ${name} | ${version} | `)
    }
    expect(readFileSync(path.join(folder, 'LICENSE.ei'), 'utf8')).toContain('Apache License')
  })

  it.each(places)('%s offers Node-API its entry, and ei and C++ to nobody', async (place) => {
    const offered = (await dynamic(place))
      .split('\n')
      .filter((line) => /\sg\s/.test(line) && !line.includes('*UND*'))
      .map((line) => line.trim().split(/\s+/).at(-1))
    expect(offered).toContain('napi_register_module_v1')
    expect(offered.filter((name) => name?.startsWith('ei_') || name?.startsWith('_ZNS'))).toEqual(
      [],
    )
  })

  it('are named by the loader, or missed with the command', async () => {
    const rows = await output('cat', [path.join(root, 'docs/installing.md')])
    for (const { platform, how } of targets) {
      expect(['prebuilt', 'source', 'refused']).toContain(how)
      expect(rows).toContain({ linux: 'Linux', darwin: 'macOS', win32: 'Windows' }[platform])
    }
  })
})
