import { existsSync } from 'node:fs'
import path from 'node:path'
import ts from 'typescript'

export const root = path.resolve(__dirname, '../..')

/**
 * The rings of `lib`: what a file may import besides its own ring. Integrations stand on the public
 * layers, so `native` is not for them; they are entry points of their own, so `index` is not built
 * on them.
 */
const inner = ['errors', 'base', 'term', 'native', 'node', 'otp', 'tasks']
const publicLayers = ['index', 'otp', 'node', 'term', 'base', 'errors']

export const libRings: Readonly<Record<string, readonly string[]>> = {
  errors: [],
  base: ['errors'],
  term: ['errors'],
  native: ['term', 'base', 'errors'],
  node: ['native', 'term', 'base', 'errors'],
  otp: ['node', 'native', 'term', 'base', 'errors'],
  tasks: ['otp', 'node', 'term', 'base', 'errors'],
  freeswitch: publicLayers,
  kamailio: publicLayers,
  uwsgi: publicLayers,
  opentelemetry: publicLayers,
  cli: ['index', 'freeswitch', 'base'],
  index: inner,
}

/** What is taken from outside. */
const packagesOf: Readonly<Record<string, readonly string[]>> = {
  freeswitch: ['sax'],
  kamailio: ['better-sqlite3', 'sax'],
  opentelemetry: ['@opentelemetry/api'],
  tasks: ['croner'],
  cli: ['yargs'],
}

/** The one file that may load the addon, and what counts as loading it. */
const loader = 'lib/native/load.ts'
const loadsAddon = /^bindings$|\.node$/

/** The one file that imports modules of users, whose names it is told. */
const importsModulesOfUsers = 'lib/tasks/worker/load-task.ts'

/** The rings of `native`, and the folders in which the headers of the outside are welcome. */
export const nativeRings: Readonly<Record<string, readonly string[]>> = {
  base: [],
  etf: ['base'],
  dist: ['base', 'etf'],
  io: ['base', 'etf', 'dist'],
  napi: ['base', 'etf', 'dist', 'io'],
  'addon.cc': ['base', 'etf', 'dist', 'io', 'napi'],
}

const outsideHeaders: readonly { readonly header: RegExp; readonly rings: readonly string[] }[] = [
  { header: /^uv(\/.*)?\.h$/, rings: ['io'] },
  { header: /^(ei|ei_connect|eicode|erl_interface)\.h$/, rings: ['etf', 'dist', 'io'] },
  { header: /^(napi|napi-inl|node_api|js_native_api|node|v8)\.h$/, rings: ['napi', 'addon.cc'] },
]

/** `lib/term/atom.ts` → `term`, `lib/index.ts` → `index`; the ring of a native file likewise. */
function ringOf(file: string): string {
  const [, second = ''] = file.split('/')
  return second.replace(/\.ts$/, '')
}

/** What of `text`, the file `lib/…` at `file`, breaks the rings: one sentence each. */
export function libViolations(file: string, text: string): string[] {
  const allowed = libRings[ringOf(file)]
  if (allowed === undefined) {
    return [`${file} is in no ring`]
  }
  return imports(file, text).flatMap((specifier) => importViolation(file, allowed, specifier) ?? [])
}

function importViolation(
  file: string,
  allowed: readonly string[],
  specifier: string | undefined,
): string | undefined {
  if (specifier === undefined && file === importsModulesOfUsers) return undefined
  if (specifier === undefined || loadsAddon.test(specifier)) {
    return file === loader ? undefined : `${file} imports ${specifier ?? 'what is not written out'}`
  }
  if (specifier.startsWith('node:') || packagesOf[ringOf(file)]?.includes(specifier)) {
    return undefined
  }
  const target = resolve(specifier, file)
  if (target === undefined) {
    return `${file} imports ${specifier}, which is neither a file of lib nor of Node`
  }
  const from = ringOf(file)
  const to = ringOf(target)
  return to === from || allowed.includes(to)
    ? undefined
    : `${file} (${from}) imports ${target} (${to})`
}

/** Every specifier that a file imports, in whatever way; undefined where it is no literal. */
function imports(file: string, text: string): (string | undefined)[] {
  const found: (string | undefined)[] = []
  const add = (specifier: ts.Node | undefined) =>
    found.push(specifier && ts.isStringLiteralLike(specifier) ? specifier.text : undefined)
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) {
      add(node.moduleSpecifier)
    } else if (ts.isExportDeclaration(node) && node.moduleSpecifier) {
      add(node.moduleSpecifier)
    } else if (ts.isExternalModuleReference(node)) {
      add(node.expression)
    } else if (ts.isImportTypeNode(node)) {
      add(ts.isLiteralTypeNode(node.argument) ? node.argument.literal : undefined)
    } else if (ts.isCallExpression(node) && isLoading(node.expression)) {
      add(node.arguments[0])
    }
    ts.forEachChild(node, visit)
  }
  visit(ts.createSourceFile(file, text, ts.ScriptTarget.ESNext, true))
  return found
}

/** `import(…)`, `require(…)`, `require.resolve(…)`, `createRequire(…)`, `process.dlopen(…)`. */
function isLoading(callee: ts.Expression): boolean {
  return (
    callee.kind === ts.SyntaxKind.ImportKeyword ||
    /^(require|require\.resolve|module\.require|createRequire|process\.dlopen)$/.test(
      callee.getText(),
    )
  )
}

const { options: compilerOptions } = ts.parseJsonConfigFileContent(
  ts.readConfigFile(path.join(root, 'tsconfig.json'), ts.sys.readFile).config,
  ts.sys,
  root,
)

/** The file of the project that a specifier means, relative to its root. */
function resolve(specifier: string, file: string): string | undefined {
  const from = path.join(root, file)
  const { resolvedModule } = ts.resolveModuleName(
    specifier,
    from,
    compilerOptions,
    ts.sys,
    undefined,
    undefined,
    ts.ModuleKind.CommonJS,
  )
  const target = resolvedModule && path.relative(root, resolvedModule.resolvedFileName)
  return target?.startsWith('lib/') ? target : undefined
}

/** What of `text`, the file `native/…` at `file`, breaks the native rings. */
export function nativeViolations(file: string, text: string): string[] {
  const from = ringOf(file)
  const allowed = nativeRings[from]
  if (allowed === undefined) {
    return [`${file} is in no ring`]
  }
  const included = text.matchAll(/^[ \t]*#[ \t]*include[ \t]*["<]([^">]+)[">]/gm)
  return Array.from(included, ([, header = '']) => header).flatMap((header) => {
    const outside = outsideHeaders.find((entry) => entry.header.test(header))
    if (outside !== undefined) {
      return outside.rings.includes(from) ? [] : [`${file} (${from}) includes ${header}`]
    }
    const to = ringOfHeader(header, file)
    return to === undefined || to === from || allowed.includes(to)
      ? []
      : [`${file} (${from}) includes ${header} (${to})`]
  })
}

/** Headers are found in `native` or beside the file that includes them; others are the system's. */
function ringOfHeader(header: string, file: string): string | undefined {
  const candidates = [path.join('native', header), path.join(path.dirname(file), header)]
  const target = candidates.find((candidate) => existsSync(path.join(root, candidate)))
  return target?.startsWith('native/') ? ringOf(target) : undefined
}
