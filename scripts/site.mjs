/**
 * `npm run docs`: the pages of `docs/`, in the order of `docs/pages.json`, and the reference of all
 * entries as a site, in `build-site/` or the folder that is named. Fails on whatever typedoc warns of,
 * and on what is public without a docstring.
 */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import process from 'node:process'
import { Application, Converter, KindRouter, ReflectionKind } from 'typedoc'

const root = path.resolve(import.meta.dirname, '..')
const read = (file) => JSON.parse(readFileSync(path.join(root, file), 'utf8'))
const groups = read('docs/pages.json').map(({ group, pages }) => ({
  group,
  files: pages.map((page) => path.join(root, 'docs', page)),
}))

/** `./dist/tasks/index.d.ts`, the types of an entry, are made of `lib/tasks/index.ts`. */
const entries = Object.values(read('package.json').exports)
  .flatMap(({ types }) => types ?? [])
  .map((types) => path.join(root, types.replace(/^\.\/dist/, 'lib').replace(/\.d\.ts$/, '.ts')))

/** `docs/guide.md` is at `pages/guide.html`, `bench/README.md` at `pages/bench.html`. */
function addressOf(file) {
  const name = path.basename(file, '.md')
  return `pages/${(name === 'README' ? path.basename(path.dirname(file)) : name).toLowerCase()}`
}

/** A page is called what its first line says. */
function arrangePages({ converter, renderer }) {
  converter.on(Converter.EVENT_CREATE_DOCUMENT, (_context, page) => {
    const file = page.project.files.getReflectionPath(page)
    const text = page.content.map((part) => part.text).join('')
    const [heading, title] = /^# (.+)\n+/.exec(text) ?? ['', page.name]
    page.name = title.replaceAll('`', '')
    let left = heading.length
    for (const part of page.content) {
      const { length } = part.text
      part.text = part.text.slice(left)
      left = Math.max(0, left - length)
    }
    page.frontmatter.group = groups.find(({ files }) => files.includes(file))?.group
  })
  renderer.defineRouter(
    'pages',
    class extends KindRouter {
      getIdealBaseName(reflection) {
        if (!reflection.isDocument()) return super.getIdealBaseName(reflection)
        const file = reflection.project.files.getReflectionPath(reflection)
        return addressOf(file)
      }
    },
  )
}

/** For `util.inspect` alone: nobody calls them. */
function leaveOutInspect({ converter }) {
  converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    for (const method of project.getReflectionsByKind(ReflectionKind.Method))
      if (method.name === '[custom]') project.removeReflection(method)
  })
}

const described =
  ReflectionKind.Class |
  ReflectionKind.Interface |
  ReflectionKind.TypeAlias |
  ReflectionKind.Function |
  ReflectionKind.Variable |
  ReflectionKind.Method |
  ReflectionKind.Accessor

/**
 * What has no docstring and should have: all that is exported, methods, and the fields of options.
 * Other fields may be left to their names and types.
 */
function undescribed(project) {
  const all = project.getReflectionsByKind(described | ReflectionKind.Property)
  return all.filter((one) => !one.flags.isInherited && isToBeDescribed(one) && !isDescribed(one))
}

function isToBeDescribed(one) {
  if (one.parent.kindOf(ReflectionKind.TypeLiteral)) return false
  if (!one.kindOf(ReflectionKind.Property)) return true
  return (
    one.parent.kindOf(ReflectionKind.Interface) && /(Options|Definition)$/.test(one.parent.name)
  )
}

function isDescribed(one) {
  const parts = [one, ...(one.signatures ?? []), ...[one.getSignature ?? []].flat()]
  return parts.some((part) => part.hasComment())
}

const app = await Application.bootstrapWithPlugins({
  plugin: [arrangePages, leaveOutInspect],
  name: 'beamlink',
  includeVersion: true,
  entryPoints: entries,
  tsconfig: path.join(root, 'tsconfig.json'),
  readme: path.join(root, 'README.md'),
  projectDocuments: groups.flatMap(({ files }) => files),
  out: path.resolve(process.argv[2] ?? path.join(root, 'build-site')),
  router: 'pages',
  sort: ['documents-first', 'kind', 'alphabetical-ignoring-documents'],
  groupOrder: [
    ...groups.map(({ group }) => group),
    'Modules',
    'Classes',
    'Functions',
    'Variables',
    '*',
  ],
  navigation: { includeGroups: true, includeCategories: false, includeFolders: false },
  disableSources: true,
  excludeExternals: true,
  excludeInternal: true,
  includeHierarchySummary: false,
  excludePrivate: true,
  excludeProtected: true,
  hideGenerator: true,
  searchInDocuments: true,
  searchInComments: true,
  highlightLanguages: [
    ...['bash', 'console', 'c', 'elixir', 'erlang', 'java'],
    ...['javascript', 'json', 'typescript', 'xml'],
  ],
  ignoredHighlightLanguages: ['cfg', 'iex'],
  validation: {
    notExported: true,
    invalidLink: true,
    invalidPath: true,
    rewrittenLink: true,
    unusedMergeModuleWith: true,
  },
  // Machinery of types, which says nothing to a reader.
  intentionallyNotExported: [
    'lib/term/term.ts:Repeat',
    'lib/term/tuple.ts:TupleConstructor',
    'lib/term/tuple.ts:WithoutArrayMethods',
    'lib/term/map.ts:Slot',
    'lib/freeswitch/client/upkeep.ts:Kept',
  ],
})
const project = await app.convert()
if (project !== undefined) {
  app.validate(project)
  for (const one of undescribed(project))
    app.logger.warn(`${one.getFriendlyFullName()} has no docstring`)
  await app.generateOutputs(project)
}
process.exitCode = app.logger.hasErrors() || app.logger.hasWarnings() ? 1 : 0
