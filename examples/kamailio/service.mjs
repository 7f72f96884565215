/** Decides for the proxy of kamailio.cfg. Usage: node service.mjs [EPMD_PORT [PORT_OF_BOB]] */
import { ErlangNode } from 'beamlink'
import { Kamailio } from 'beamlink/kamailio'

const [epmdPort, bobPort = 5090] = process.argv.slice(2)
const node = await ErlangNode.start({
  name: 'router@127.0.0.1',
  cookie: 'secret',
  ...(epmdPort === undefined ? {} : { epmd: { port: Number(epmdPort) } }),
})
const kamailio = new Kamailio(node, 'proxy@127.0.0.1')

const targets = new Map([['bob', `sip:bob@127.0.0.1:${bobPort}`]])
const passwords = new Map([['alice', 'secret']])

/** Users that are known are relayed to, the others rejected. */
const toTarget = ({ method, ruri }, reply) => {
  const user = /^sips?:([^@]*)@/.exec(ruri ?? '')?.[1] ?? ''
  const target = targets.get(user)
  if (target === undefined) reply.reject(404)
  else reply.relay(target, { account: method === 'INVITE' })
}
kamailio.on('invite', toTarget)
// Of phones that do not keep to the route of their call, as those of sipp.
kamailio.on('ack', toTarget).on('bye', toTarget)

/** Who registers has to prove the password. */
kamailio.on('register', ({ authUser }, reply) => {
  const password = authUser === undefined ? undefined : passwords.get(authUser)
  if (authUser === undefined || password === undefined) reply.challenge('example.org')
  else reply.authenticate(authUser, { realm: 'example.org', password }).accept(200)
})

kamailio.on('options', (_request, reply) => reply.accept(200, 'Node is here'))

kamailio.on('accounting', ({ callId, status, from, to }) => {
  console.log(`call ${callId} from ${from.uri} to ${to.uri} ended with ${status}`)
})

kamailio.events.on('up', (peer) => console.log(`${peer} is connected`))
kamailio.events.on('handlerError', ({ error }) => console.error(error))
console.log(`${node.name} waits for Kamailio`)
