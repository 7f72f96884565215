/**
 * Writes docs/errors.md from the table in lib/errors.ts (as built into dist). `test/unit/docs.test.ts`
 * fails while the page is not what this makes.
 */
import { writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'

const root = path.dirname(import.meta.dirname)

/** The page for a table `code → { when, whatToDo }`. */
export function errorsPage(table) {
  const rows = Object.entries(table).map(
    ([code, { when, whatToDo }]) => `| \`${code}\` | ${cell(when)} | ${cell(whatToDo)} |`,
  )
  return `# Errors

Made from \`lib/errors.ts\` by \`scripts/errors-page.mjs\`.

A mistake of the caller is a \`TypeError\` or \`RangeError\` at the call, which names the argument, the
rule and the value. What the world does is an \`ErlangError\` with a \`code\`; match on that, the message
is for people. Where Erlang gave a reason, \`reason\` is its term and \`remoteStack\` the stack there;
\`cause\` is the error underneath, if there is one. \`ErlangError.is(value)\` recognises those of another
copy of the package, too.

| code | when | what to do |
|---|---|---|
${rows.join('\n')}
`
}

function cell(text) {
  return text.replaceAll('|', '\\|')
}

if (process.argv[1] === import.meta.filename) {
  const { errorTable } = createRequire(import.meta.url)('../dist/index.js')
  writeFileSync(path.join(root, 'docs/errors.md'), errorsPage(errorTable))
}
