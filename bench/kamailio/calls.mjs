/**
 * Calls per second and latency through real Kamailios: one that answers itself, one that asks a Node
 * service, one that asks an Erlang gen_server; in turns, so that all meet the same machine. Prints the
 * samples by answerer. Usage: node calls.mjs ROUNDS REQUESTS IN_FLIGHT CONTEXT.
 */
import { spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { sipLoad } from './sip-load.mjs'

const [rounds, requests, inFlight] = process.argv.slice(2, 5).map(Number)
const { self, cookie } = JSON.parse(process.argv[5])
const include = fileURLToPath(new URL('../../examples/kamailio/beamlink.cfg', import.meta.url))
const folder = mkdtempSync(path.join(tmpdir(), 'bench-kamailio-'))
const children = []

const MODULES = ['pv', 'sl', 'tm', 'erlang']
const WORKERS = 4
/** One for each worker, as a proxy with much to ask has. */
const C_NODES = 4
const WARM = 5_000
/** It ends with this process, whatever becomes of that. */
const UNTIL_INPUT_ENDS = '"$0" "$@" & read -r _; kill $!; wait $!'

async function freePort() {
  const socket = createSocket('udp4').bind(0, '127.0.0.1')
  await once(socket, 'listening')
  const { port } = socket.address()
  socket.close()
  return port
}

/** Resolves when it prints its line of JSON. */
async function start(command, args) {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  children.push(child)
  for await (const line of createInterface({ input: child.stdout })) {
    if (line.startsWith('{')) break
  }
  child.stdout.resume()
}

const configuration = (port, alive, node, modules) => `#!KAMAILIO
debug=-1
log_stderror=yes
children=${WORKERS}
auto_aliases=no
alias="127.0.0.1"
disable_tcp=yes
listen=udp:127.0.0.1:${port}
mpath="${modules}/"
${MODULES.map((name) => `loadmodule "${name}.so"`).join('\n')}
modparam("erlang", "no_cnodes", ${C_NODES})
modparam("erlang", "cnode_alivename", "${alive}")
modparam("erlang", "cnode_host", "127.0.0.1")
modparam("erlang", "erlang_nodename", "${node}")
modparam("erlang", "cookie", "${cookie}")
include_file "${include}"
request_route {
    if ($rU == "plain") {
        sl_send_reply("200", "OK");
        exit;
    }
    route(BEAMLINK);
    sl_send_reply("503", "Default");
}
`

async function startProxy(name, node, modules) {
  const port = await freePort()
  const home = path.join(folder, name)
  const file = `${home}.cfg`
  writeFileSync(file, configuration(port, `bench_${name}_${process.pid}`, node, modules))
  const places = ['-w', folder, '-Y', folder, '-P', `${home}.pid`]
  const kamailio = ['kamailio', '-f', file, '-DD', '-E', '-m', '64', '-M', '8', ...places]
  const child = spawn('sh', ['-c', UNTIL_INPUT_ENDS, ...kamailio], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  })
  children.push(child)
  for (let attempt = 0; ; attempt++) {
    try {
      await sipLoad({ port, user: 'plain', inFlight: 1, requests: 1 })
      return port
    } catch (error) {
      if (attempt === 10) throw error
    }
  }
}

async function end(child) {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, 'exit')
  child.stdin.end()
  await gone
}

async function modulesFolder() {
  const child = spawn('sh', ['-c', 'echo /usr/lib/*/kamailio/modules'])
  const [text] = await once(child.stdout, 'data')
  return text.toString().trim()
}

async function measure(port, user) {
  const { perSecond } = await sipLoad({ port, user, inFlight, requests })
  const { median } = await sipLoad({ port, user, inFlight: 1, requests: Math.ceil(requests / 10) })
  return { perSecond, median }
}

try {
  const modules = await modulesFolder()
  const [node, erl] = [self.replace('@', '_node@'), self.replace('@', '_erl@')]
  const cNodes = Array.from(
    { length: C_NODES },
    (_, at) => `bench_beamlink_${process.pid}${C_NODES > 1 ? at : ''}@127.0.0.1`,
  )
  await start(process.execPath, ['kamailio/answerer.mjs', node, cookie, ...cNodes])
  const listen = ['-kernel', 'inet_dist_use_interface', '{127,0,0,1}', '-pa', 'build']
  const names = ['-noshell', '-hidden', '-name', erl, '-setcookie', cookie]
  await start('erl', [...names, ...listen, '-run', 'beamlink_route', 'start'])
  const ports = {
    beamlink: await startProxy('beamlink', node, modules),
    erlang: await startProxy('erlang', erl, modules),
  }
  const users = { plain: ['plain', ports.beamlink] }
  for (const [name, port] of Object.entries(ports)) users[name] = ['ask', port]
  const samples = { plain: [], beamlink: [], erlang: [] }
  for (const [user, port] of Object.values(users)) {
    await sipLoad({ port, user, inFlight, requests: WARM })
  }
  for (let round = 0; round < rounds; round++) {
    for (const [name, [user, port]] of Object.entries(users)) {
      samples[name].push(await measure(port, user))
    }
  }
  console.log(JSON.stringify(samples))
} finally {
  for (const child of children) await end(child)
  rmSync(folder, { recursive: true, force: true })
}
