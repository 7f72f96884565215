/**
 * One door for everything native.
 *
 *   node scripts/native.mjs build       with node-gyp, into build/Release
 *   node scripts/native.mjs cmake       with cmake-js, into build-cmake/Release
 *   node scripts/native.mjs prebuild    with prebuildify, into prebuilds/
 *   node scripts/native.mjs sources | compile-flags | link-flags | ei-include | ei-library
 *                                       what binding.gyp asks
 *
 * Builds use the headers that lie beside the running node, since none can be downloaded everywhere.
 * `ei` is BEAMLINK_EI_DIR (a folder with include/ and lib/), else Debian's erlang-dev, else what
 * `erl` says of its own erl_interface.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, readFileSync, realpathSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const require = createRequire(import.meta.url)
const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)))
const nodePrefix = path.dirname(path.dirname(realpathSync(process.execPath)))

function ei() {
  const given = process.env.BEAMLINK_EI_DIR
  if (given)
    return { include: path.join(given, 'include'), library: path.join(given, 'lib/libei.a') }
  if (existsSync('/usr/include/ei.h') && existsSync('/usr/lib/libei.a')) {
    return { include: '/usr/include', library: '/usr/lib/libei.a' }
  }
  try {
    const ask = 'io:put_chars(code:lib_dir(erl_interface)),halt().'
    const dir = execFileSync('erl', ['-noshell', '-eval', ask], { encoding: 'utf8' })
    if (existsSync(path.join(dir, 'include/ei.h'))) {
      return { include: path.join(dir, 'include'), library: path.join(dir, 'lib/libei.a') }
    }
  } catch {
    // No erl either: the message below says what to do.
  }
  throw new Error(
    'Erlang\'s ei library was not found. Install it ("apt-get install erlang-dev") or set ' +
      'BEAMLINK_EI_DIR to a folder with include/ei.h and lib/libei.a.',
  )
}

/** The lines of a list in `native/`, which CMakeLists.txt reads, too. */
function lines(file) {
  const list = readFileSync(path.join(root, 'native', file), 'utf8')
  return list.split('\n').filter((line) => line !== '')
}

/** Sanitizers look into plain functions of libc, not into the checked ones that FORTIFY_SOURCE uses. */
function compileFlags() {
  const isSanitized = /-fsanitize=/.test(process.env.CXXFLAGS ?? '')
  return lines('compile-flags.txt').filter((flag) => !isSanitized || !flag.includes('FORTIFY'))
}

function run(command, args) {
  const { status, error } = spawnSync(process.execPath, [command, ...args], {
    cwd: root,
    stdio: 'inherit',
  })
  if (error) throw error
  process.exitCode = status ?? 1
}

/** The path of a package's command, whatever its `exports` hide. */
function bin(name, file) {
  return path.join(path.dirname(require.resolve(`${name}/package.json`)), file)
}

/** Undefined lets node-gyp fetch headers, where the running node came without any. */
function headers() {
  return existsSync(path.join(nodePrefix, 'include/node/node_api.h')) ? nodePrefix : undefined
}

const nodedir = headers() ? [`--nodedir=${headers()}`] : []

const commands = {
  build() {
    ei()
    run(bin('node-gyp', 'bin/node-gyp.js'), [
      'rebuild',
      '--jobs=max',
      '--loglevel=warn',
      ...nodedir,
    ])
  },
  cmake() {
    const found = ei()
    run(bin('cmake-js', 'bin/cmake-js'), [
      'build',
      '--out=build-cmake',
      `--CDBEAMLINK_EI_INCLUDE=${found.include}`,
      `--CDBEAMLINK_EI_LIBRARY=${found.library}`,
      ...(headers() ? [`--CDNODE_HEADERS=${path.join(headers(), 'include/node')}`] : []),
    ])
  },
  prebuild() {
    ei()
    if (headers()) process.env.npm_config_nodedir = headers()
    run(bin('prebuildify', 'bin.js'), [
      '--napi',
      '--strip',
      '--tag-libc',
      '--name=beamlink',
      '-t',
      process.versions.node,
    ])
  },
  sources: () => console.log(lines('sources.txt').join('\n')),
  'compile-flags': () => console.log(compileFlags().join('\n')),
  'link-flags': () => console.log(lines('link-flags.txt').join('\n')),
  'ei-include': () => console.log(ei().include),
  'ei-library': () => console.log(ei().library),
}

const command = commands[process.argv[2]]
if (command === undefined) {
  throw new Error(`native.mjs needs one of ${Object.keys(commands).join(', ')}`)
}
command()
