/** An authority, a certificate of 127.0.0.1 that it signs, and Erlang's file that names both. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { context } from './context.mjs'

const keyOf = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']

/** The path of a file for `-ssl_dist_optfile`, new with each call. */
export function makeOptfile() {
  const folder = context.build('tls')
  mkdirSync(folder, { recursive: true })
  const openssl = (...args) => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' })
  openssl(
    ...['req', '-x509', ...keyOf, '-keyout', 'ca.key', '-out', 'ca.pem', '-days', '2'],
    ...['-subj', '/CN=bench', '-addext', 'basicConstraints=critical,CA:TRUE'],
  )
  openssl(
    ...['req', ...keyOf, '-keyout', 'node.key', '-out', 'node.csr', '-subj', '/CN=node'],
    ...['-addext', 'subjectAltName=DNS:127.0.0.1,IP:127.0.0.1'],
  )
  openssl(
    ...['x509', '-req', '-in', 'node.csr', '-CA', 'ca.pem', '-CAkey', 'ca.key', '-days', '2'],
    ...['-CAcreateserial', '-copy_extensions', 'copy', '-out', 'node.pem'],
  )
  const file = (name) => JSON.stringify(path.join(folder, name))
  const own = `{certfile, ${file('node.pem')}}, {keyfile, ${file('node.key')}}`
  const trust = `{cacertfile, ${file('ca.pem')}}, {verify, verify_peer}`
  const optfile = path.join(folder, 'ssl_dist.conf')
  writeFileSync(
    optfile,
    `[{server, [${own}, ${trust}, {fail_if_no_peer_cert, true}]}, {client, [${own}, ${trust}]}].\n`,
  )
  return optfile
}
