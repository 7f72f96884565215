/**
 * Makes what the benchmark runs beside beamlink: the npm peers, the C, Erlang and Java programs, and
 * the corpora as files. All goes to folders of bench/ that git ignores; what is newer than its
 * sources is left alone.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, realpathSync, statSync } from 'node:fs'
import path from 'node:path'
import { context } from './context.mjs'
import { writeCorpora } from './corpus-files.mjs'

const C_PROGRAMS = {
  codec: ['codec.c', 'codec_tree.c'],
  dist: ['dist.c', 'buffered_socket.c', 'codec_tree.c'],
  echo: ['echo.c', 'frames.c'],
  peers: ['peers.c', 'peer_channel.c'],
  spawn: ['spawn.c', 'frames.c', 'buffered_socket.c'],
}

function run(command, args, { cwd = context.root, env = process.env } = {}) {
  const { status, error } = spawnSync(command, args, { cwd, env, stdio: 'inherit' })
  if (error) throw error
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed`)
}

const filesIn = (folder) =>
  readdirSync(path.join(context.root, folder)).map((name) => `${folder}/${name}`)

/** Whether `target` is missing or older than one of `sources` (paths inside bench/). */
function isStale(target, sources) {
  if (!existsSync(target)) return true
  const made = statSync(target).mtimeMs
  return sources.some((source) => statSync(path.join(context.root, source)).mtimeMs > made)
}

function buildC() {
  for (const [name, files] of Object.entries(C_PROGRAMS)) {
    if (!isStale(context.build(name), filesIn('c'))) continue
    const sources = files.map((file) => `c/${file}`)
    const options = ['-O2', '-Wall', '-Wextra', '-D_REENTRANT', '-pthread']
    run('cc', [...options, '-o', context.build(name), ...sources, '-lei'])
  }
}

function buildErlang() {
  const sources = filesIn('erl')
  if (!isStale(context.build('bench_load.beam'), sources)) return
  run('erlc', ['-o', context.build(), ...sources])
}

function buildJava() {
  const sources = filesIn('java')
  if (context.jinterface === '' || !isStale(context.build('DistBench.class'), sources)) return
  run('javac', ['-cp', context.jinterface, '-d', context.build(), ...sources])
}

/** erlpack compiles; without this node-gyp would download headers that lie beside the node. */
function withNodeHeaders() {
  const prefix = path.dirname(path.dirname(realpathSync(process.execPath)))
  const found = existsSync(path.join(prefix, 'include/node/node_api.h'))
  return found ? { ...process.env, npm_config_nodedir: prefix } : process.env
}

function installPeers() {
  const stamp = path.join(context.peersDir, 'node_modules', '.package-lock.json')
  if (!isStale(stamp, ['peers/package.json'])) return
  const options = ['--no-package-lock', '--no-audit', '--no-fund', '--loglevel=error']
  try {
    run('npm', ['install', ...options], { cwd: context.peersDir, env: withNodeHeaders() })
  } catch (error) {
    console.error(`The npm peers are left out: ${error.message}`)
  }
}

/** Measures what is built and builds nothing there: the build belongs to whoever works on it. */
function needProject() {
  const made = ['dist/index.js', 'build/Release/beamlink.node']
  const missing = made.filter((file) => !existsSync(path.join(context.project, file)))
  if (missing.length === 0) return
  throw new Error(`beamlink is not built (no ${missing.join(', ')}); run "npm run build" first`)
}

/** The package once more, with entries to what is inside the codec. */
function buildInside() {
  const dist = path.join(context.project, 'dist/index.js')
  if (!isStale(context.build('lib/index.js'), [path.relative(context.root, dist)])) return
  const entries = ['native/codec', 'native/options']
  run('node', ['scripts/bundle.mjs', context.build('lib'), ...entries], { cwd: context.project })
}

/** `peers`: the npm packages to compare with are needed; `beamlink`: the project itself is. */
export function buildAll({ peers, beamlink }) {
  if (beamlink) needProject()
  mkdirSync(context.build(), { recursive: true })
  buildC()
  buildErlang()
  buildJava()
  writeCorpora()
  if (peers) installPeers()
  if (beamlink) buildInside()
}
