/**
 * Puts the JavaScript of lib into dist: a file for each entry of package.json and for each thread, and
 * the chunks that they share. Two hundred files of their own would take 7 MiB more of a process and
 * twice the time to load. `scripts/dist.sh` has the types made beside them.
 * Usage: node scripts/bundle.mjs [FOLDER [ENTRY …]], where more entries are such as native/codec.
 */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { rolldown } from 'rolldown'

const root = path.join(import.meta.dirname, '..')
const [folder = 'dist', ...moreEntries] = process.argv.slice(2)

/** Threads are loaded by name when they start: see `builtEntry`. */
const taskThread = 'tasks/worker/main'
const tlsThread = 'node/tls/worker'

/** The entries that package.json names: `tasks/index` for `./dist/tasks/index.js`. */
function packageEntries() {
  const { bin, exports } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'))
  const files = [...Object.values(exports).map((entry) => entry.default), ...Object.values(bin)]
  return files
    .filter((file) => file?.startsWith('./dist/'))
    .map((file) => file.slice('./dist/'.length, -'.js'.length))
}

async function write(entries, groups) {
  const bundle = await rolldown({
    cwd: root,
    input: Object.fromEntries(entries.map((name) => [name, `lib/${name}.ts`])),
    platform: 'node',
    tsconfig: 'tsconfig.json',
    // Packages stay packages.
    external: /^[^./]/,
    onLog(level, { message }) {
      if (level === 'warn') throw new Error(message)
    },
  })
  await bundle.write({
    dir: folder,
    format: 'cjs',
    // As the sources are: they are ES modules, which always are.
    strict: true,
    esModule: true,
    keepNames: true,
    chunkFileNames: 'chunks/[name].js',
    codeSplitting: { groups },
    // Tasks are modules of users, and may be ES modules.
    dynamicImportInCjs: true,
    sourcemap: true,
    sourcemapExcludeSources: true,
    // As seen from dist, wherever it is built.
    sourcemapPathTransform: (source, map) =>
      path.relative(
        path.dirname(path.join('dist', path.relative(folder, map))),
        path.resolve(path.dirname(map), source),
      ),
  })
}

await write(
  [...packageEntries(), taskThread, ...moreEntries],
  [
    { name: 'errors', test: /\/lib\/errors\./, priority: 3 },
    { name: 'terms', test: /\/lib\/(base|term)\//, priority: 2 },
    { name: 'node', test: /\/lib\/(native|node|otp)\//, priority: 1 },
  ],
)
// Shares nothing with the thread that started it, so that it loads no more than it needs.
await write([tlsThread], [])
