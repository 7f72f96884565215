import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { libViolations, nativeViolations, root } from '../helpers/rings.js'

const maxLines = 400

function files(folder: string, extensions: RegExp): string[] {
  return readdirSync(path.join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && extensions.test(entry.name))
    .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)))
    .filter((file) => !file.includes('node_modules') && !file.includes('/results/'))
}

function text(file: string): string {
  return readFileSync(path.join(root, file), 'utf8')
}

describe('the rings of lib', () => {
  it.each([
    ['an outward import', 'lib/term/x.ts', "import { A } from '../native/contract.js'"],
    [
      'a deep relative path',
      'lib/term/a/b/x.ts',
      "import { A } from '../../../native/contract.js'",
    ],
    ['a type-only import', 'lib/errors.ts', "import type { Term } from './term/term.js'"],
    [
      'an inline type import',
      'lib/term/x.ts',
      "type A = import('../native/contract.js').NativeDial",
    ],
    ['a re-export', 'lib/term/x.ts', "export * from '../native/contract.js'"],
    ['a dynamic import', 'lib/term/x.ts', "await import('../native/contract.js')"],
    ['a require', 'lib/term/x.ts', "const a = require('../native/contract.js')"],
    ['an import assignment', 'lib/term/x.ts', "import a = require('../native/contract.js')"],
    ['an integration on native', 'lib/uwsgi/x.ts', "import { A } from '../native/contract.js'"],
    ['a computed import', 'lib/node/x.ts', "await import('../native/' + name)"],
    ['the package by its own name', 'lib/node/x.ts', "import { atom } from 'beamlink'"],
    ['another package', 'lib/node/x.ts', "import ts from 'typescript'"],
    ['a second loader', 'lib/node/x.ts', "import load from 'bindings'"],
    ['a required addon', 'lib/node/x.ts', "require('../../build/Release/beamlink.node')"],
    ['a loader of its own', 'lib/node/x.ts', 'const load = createRequire(__filename)'],
    ['a file in no ring', 'lib/other/x.ts', ''],
  ])('reports %s', (_, file, source) => {
    expect(libViolations(file, source)).toHaveLength(1)
  })

  it.each([
    ['its own ring', 'lib/native/x.ts', "import { A } from './contract.js'"],
    ['an inner ring', 'lib/node/x.ts', "import { A } from '../native/contract.js'"],
    ['Node', 'lib/node/x.ts', "import net from 'node:net'"],
    ['a package of its ring', 'lib/kamailio/x.ts', "require('better-sqlite3')"],
  ])('lets a file import %s', (_, file, source) => {
    expect(libViolations(file, source)).toEqual([])
  })

  it('hold for every file', () => {
    const all = files('lib', /\.ts$/)
    expect(all.length).toBeGreaterThan(0)
    expect(all.flatMap((file) => libViolations(file, text(file)))).toEqual([])
  })
})

describe('the rings of native', () => {
  it.each([
    ['an outward include', 'native/base/x.h', '#include "etf/tape.h"'],
    ['a relative outward include', 'native/etf/x.cc', '#include "../dist/event.h"'],
    ['an indented include', 'native/base/x.h', '  #  include <etf/tape.h>'],
    ['uv.h outside io', 'native/dist/x.cc', '#include <uv.h>'],
    ['ei.h in napi', 'native/napi/x.cc', '#include <ei.h>'],
    ['ei.h in base', 'native/base/x.h', '#include "ei.h"'],
    ['napi.h in io', 'native/io/x.cc', '#include <napi.h>'],
    ['node_api.h in etf', 'native/etf/x.cc', '#include <node_api.h>'],
    ['a file in no ring', 'native/other/x.cc', ''],
  ])('report %s', (_, file, source) => {
    expect(nativeViolations(file, source)).toHaveLength(1)
  })

  it('hold for every file', () => {
    const all = files('native', /\.(cc|h)$/)
    expect(all.length).toBeGreaterThan(0)
    expect(all.flatMap((file) => nativeViolations(file, text(file)))).toEqual([])
  })
})

describe('the length of files', () => {
  it(`is at most ${maxLines} lines`, () => {
    const all = ['lib', 'native', 'test', 'scripts', 'bench', 'examples'].flatMap((folder) =>
      files(folder, /\.(ts|mts|mjs|cc|h|erl|sh)$/),
    )
    const long = all.filter((file) => text(file).split('\n').length - 1 > maxLines)
    expect(long).toEqual([])
  })
})
