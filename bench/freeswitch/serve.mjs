/** A switch in a process of its own, until its stdin ends. Usage: node serve.mjs CONTEXT. */
import { startSwitch } from './switch.mjs'

const { node, host } = await startSwitch(JSON.parse(process.argv[2]))
console.log(JSON.stringify({ node: node.name }))
process.stdin.resume().on('end', async () => {
  host.close()
  await node.stop()
})
