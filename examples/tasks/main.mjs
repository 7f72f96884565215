/**
 * Background tasks that Erlang lists and runs: node main.mjs [TASKS_FILE]
 *
 * Its node is jobs@127.0.0.1 with the cookie `secret`; Ctrl-C stops it.
 */
import { ErlangNode } from 'beamlink'
import { Tasks } from 'beamlink/tasks'

const file = process.argv[2] ?? new URL('tasks.json', import.meta.url)
const node = await ErlangNode.start({ name: 'jobs@127.0.0.1', cookie: 'secret' })
const tasks = new Tasks({
  node,
  log: ({ task, level, text }) => console.log(`${level} ${task}: ${text}`),
})
await tasks.load(file).start()
console.log(
  `${node.name} runs ${tasks
    .list()
    .map(({ name }) => name)
    .join(', ')}`,
)

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, async () => {
    await tasks.stop({ graceMs: 1_000 })
    await node.stop()
    console.log('stopped')
  })
}
