/** Decides for a Kamailio as a Node service does. Usage: node answerer.mjs NAME COOKIE PROXY... */
import { ErlangNode } from 'beamlink'
import { Kamailio } from 'beamlink/kamailio'

const [name, cookie, ...proxies] = process.argv.slice(2)
const node = await ErlangNode.start({ name, cookie })
const kamailio = new Kamailio(node, proxies)
kamailio.on('options', (_request, reply) => reply.accept(200, 'OK'))
console.log('{"ready":true}')
process.stdin.resume().once('end', () => process.exit())
