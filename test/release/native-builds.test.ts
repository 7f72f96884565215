import { createHash } from 'node:crypto'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest'
import { output } from '../helpers/package/command.js'
import { hardened, readElf } from '../helpers/package/elf.js'
import { Installed } from '../helpers/package/installed.js'
import { freePort } from '../helpers/ports.js'
import { root } from '../helpers/rings.js'

const nodePrefix = path.dirname(path.dirname(process.execPath))
/** Headers beside the running Node, where nothing can be downloaded. */
const headers = existsSync(path.join(nodePrefix, 'include/node/node_api.h'))
  ? { npm_config_nodedir: nodePrefix }
  : {}
const listed = readFileSync(path.join(root, 'native/sources.txt'), 'utf8')
  .split('\n')
  .filter((line) => line !== '')

const exportsOf = async (file: string) => {
  const script = `console.log(Object.keys(require(${JSON.stringify(file)})).sort().join())`
  return await output(process.execPath, ['-e', script])
}

/** A folder of its own with all that a build reads. */
function layOutSources(prefix: string): string {
  const folder = mkdtempSync(path.join(tmpdir(), prefix))
  for (const file of ['native', 'binding.gyp', 'CMakeLists.txt', 'package.json'])
    cpSync(path.join(root, file), path.join(folder, file), { recursive: true })
  mkdirSync(path.join(folder, 'scripts'))
  cpSync(path.join(root, 'scripts/native.mjs'), path.join(folder, 'scripts/native.mjs'))
  symlinkSync(path.join(root, 'node_modules'), path.join(folder, 'node_modules'))
  return folder
}

describe('the sources', () => {
  let folder = ''
  beforeEach(() => {
    folder = layOutSources('beamlink-build-')
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  const built = (place: string) =>
    readdirSync(path.join(folder, place), { recursive: true })
      .map(String)
      .filter((file) => file.includes('native/') && /\.o$/.test(file))
      .map((file) => file.slice(file.indexOf('native/')).replace(/(\.cc)?\.o$/, '.cc'))
      .sort()

  it.each([
    ['node-gyp', 'build', 'build'],
    ['cmake-js', 'cmake', 'build-cmake'],
  ])('make an addon that loads with %s, all of one list', async (_tool, command, place) => {
    await output(process.execPath, ['scripts/native.mjs', command], { cwd: folder })
    expect(built(place)).toEqual(listed.toSorted())
    const addon = path.join(folder, place, 'Release/beamlink.node')
    expect(await readElf(addon)).toMatchObject({ ...hardened, foreignPaths: expect.any(Array) })
    const names = await exportsOf(addon)
    expect(names).toBe(await exportsOf(path.join(root, 'build/Release/beamlink.node')))
  })

  it('make the same bytes in another folder, at another time', { timeout: 1_800_000 }, async () => {
    const other = layOutSources('beamlink-build-in-a-folder-with-a-longer-name-')
    try {
      const hashes: string[] = []
      for (const place of [folder, other]) {
        await output(process.execPath, ['scripts/native.mjs', 'build'], { cwd: place })
        const addon = path.join(place, 'build/Release/beamlink.node')
        // As in the package: what the linker keeps for debuggers names the folder of the build.
        await output('strip', [addon])
        hashes.push(createHash('sha256').update(readFileSync(addon)).digest('hex'))
      }
      expect(hashes[1]).toBe(hashes[0])
    } finally {
      rmSync(other, { recursive: true })
    }
  })
})

describe('where nothing prebuilt fits', () => {
  let installed: Installed
  beforeAll(async () => {
    installed = await Installed.from(inject('tarball'))
    rmSync(path.join(installed.packageRoot, 'prebuilds'), { recursive: true })
  })
  afterAll(() => installed.remove())

  it('the command that the error names builds an addon, with which two nodes talk', async () => {
    const env = { ERL_EPMD_PORT: String(await freePort()) }
    const missed = await installed.run('two-nodes.mjs', env).catch((error: Error) => error.message)
    expect(missed).toContain('ERR_ERL_NO_BINARY')
    const command = /run "([^"]+)" in (\/\S+)/.exec(missed)
    expect(command?.[2]).toBe(installed.packageRoot)
    await output('sh', ['-c', (command?.[1] ?? '').replace('npx', 'npx --yes')], {
      cwd: installed.packageRoot,
      env: { ...process.env, ...headers },
    })
    expect(await installed.run('two-nodes.mjs', env)).toBe('got [<<"hello">>,42]\nended 0\n')
  })
})
