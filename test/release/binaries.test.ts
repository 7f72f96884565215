import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import targets from '../../native/targets.json'
import { output } from '../helpers/package/command.js'
import { root } from '../helpers/rings.js'

const prebuilt = targets.filter(({ how }) => how === 'prebuilt')
const places = prebuilt.map(
  ({ platform, arch, libc }) => `${platform}-${arch}/beamlink.${libc}.node`,
)
const glibcPlaces = places.filter((place) => place.includes('glibc'))

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
