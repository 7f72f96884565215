/**
 * What the published package is made of, as CycloneDX 1.5 and as a table of licences:
 *
 *   node scripts/sbom.mjs FOLDER PARTS…     writes sbom.cdx.json and licenses.md into FOLDER
 *
 * PARTS are the files that scripts/prebuilds.sh writes beside each addon, one line for each part that
 * is linked into it: `target name version licence origin`. The npm packages are those that npm installs
 * with this one, as `npm sbom` tells them. The same input gives the same bytes: there is neither a time
 * nor a random number in it.
 */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)))
const read = (file) => JSON.parse(readFileSync(path.join(root, file), 'utf8'))

/**
 * `npm sbom --omit=dev` leaves out what packages for development need, too, even if users need it; so
 * it is asked about a package that has none of those.
 */
function npmBill() {
  const { name, version, description, license, dependencies } = read('package.json')
  const manifest = { name, version, description, license, dependencies }
  const { packages, ...lock } = read('package-lock.json')
  const kept = Object.entries(packages).filter(([, entry]) => !isForDevelopment(entry))
  kept[0] = ['', manifest]
  const folder = mkdtempSync(path.join(tmpdir(), 'beamlink-sbom-'))
  const write = (file, value) => writeFileSync(path.join(folder, file), JSON.stringify(value))
  try {
    write('package.json', manifest)
    write('package-lock.json', { ...lock, packages: Object.fromEntries(kept) })
    const args = ['sbom', '--sbom-format=cyclonedx', '--package-lock-only', '--sbom-type=library']
    const said = execFileSync('npm', args, { cwd: folder, encoding: 'utf8' })
    return JSON.parse(said)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function isForDevelopment({ dev, peer, devOptional }) {
  return dev === true || peer === true || devOptional === true
}

/** Native parts, each with the targets that it is in. */
function nativeParts(files) {
  const parts = new Map()
  const lines = files.flatMap((file) => readFileSync(file, 'utf8').trim().split('\n'))
  for (const line of lines) {
    const [target, name, version, licence, origin] = line.split(' ')
    if (origin === undefined)
      throw new Error(`a part is "target name version licence origin": ${line}`)
    const key = `${name}@${version}`
    const part = parts.get(key) ?? { name, version, licence, origin, targets: [] }
    part.targets.push(target)
    parts.set(key, part)
  }
  return Array.from(parts.values()).sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
}

const keyOf = ({ name, version }) => `${name}@${version}`

function nativeComponent({ name, version, licence, origin, targets }) {
  return {
    'bom-ref': keyOf({ name, version }),
    type: 'library',
    name,
    version,
    scope: 'required',
    purl: origin,
    licenses: [licenseOf(licence)],
    properties: [
      { name: 'beamlink:linkage', value: 'static' },
      ...targets.sort().map((value) => ({ name: 'beamlink:target', value })),
    ],
  }
}

/** `GPL-3.0-or-later WITH …` is an expression, `MIT` an identifier. Blanks are written as `+`. */
function licenseOf(licence) {
  const text = licence.replaceAll('+', ' ')
  return text.includes(' ') ? { expression: text } : { license: { id: text } }
}

function billOf(npm, parts) {
  const { metadata, components, dependencies, ...head } = npm
  const native = parts.map(nativeComponent)
  const self = metadata.component['bom-ref']
  const own = { ...metadata.component, name: read('package.json').name }
  const bill = {
    ...head,
    metadata: { component: own },
    components: [...components, ...native],
    dependencies: [
      ...dependencies.map((entry) =>
        entry.ref === self
          ? { ...entry, dependsOn: [...entry.dependsOn, ...native.map((each) => each['bom-ref'])] }
          : entry,
      ),
      ...native.map((each) => ({ ref: each['bom-ref'], dependsOn: [] })),
    ],
  }
  delete bill.serialNumber
  const hash = createHash('sha256').update(JSON.stringify(bill)).digest('hex')
  // A UUID of version 8, which is for values of one's own.
  const uuid = `${hash.slice(0, 8)}-${hash.slice(8, 12)}-8${hash.slice(13, 16)}-a${hash.slice(17, 20)}-${hash.slice(20, 32)}`
  const { $schema, bomFormat, specVersion, ...rest } = bill
  return { $schema, bomFormat, specVersion, serialNumber: `urn:uuid:${uuid}`, ...rest }
}

function licenceText({ licenses = [] }) {
  return licenses.map((each) => each.expression ?? each.license.id ?? each.license.name).join(', ')
}

function tableOf(bill) {
  const isNative = (component) =>
    component.properties.some(({ name }) => name === 'beamlink:linkage')
  const rows = bill.components.map(
    (component) =>
      `| ${component.name} | ${component.version} | ${licenceText(component)} | ` +
      `${isNative(component) ? 'linked into the addons' : 'npm package'} |`,
  )
  return `# Licences

${bill.metadata.component.name} ${bill.metadata.component.version}: ${licenceText(bill.metadata.component)}, see LICENSE.
What it is made of, from \`sbom.cdx.json\`; see NOTICE for the owners.

| part | version | licence | how |
|---|---|---|---|
${rows.join('\n')}
`
}

const [folder, ...files] = process.argv.slice(2)
if (folder === undefined || files.length === 0) {
  throw new Error('sbom.mjs needs a folder and the files that name what the addons are made of')
}
const bill = billOf(npmBill(), nativeParts(files))
for (const component of bill.components) {
  if (licenceText(component) === '') throw new Error(`${component.name} has no licence`)
}
writeFileSync(path.join(folder, 'sbom.cdx.json'), `${JSON.stringify(bill, null, 2)}\n`)
writeFileSync(path.join(folder, 'licenses.md'), tableOf(bill))
