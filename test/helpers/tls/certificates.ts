import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

/** A key and its certificate, as files. */
export interface Credentials {
  readonly key: string
  readonly cert: string
  readonly ca: string
}

export interface LeafOptions {
  /** `subjectAltName`; by default 127.0.0.1, as Erlang and as others write it, and localhost. */
  readonly names?: string
  /** How long from now it is valid; negative for one that has expired. */
  readonly days?: number
}

const keyKind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']

/** An authority of a test's own, in a folder of its own, and what it has signed. */
export class Authority {
  readonly folder = mkdtempSync(path.join(tmpdir(), 'beamlink-tls-'))
  readonly cert = path.join(this.folder, 'ca.pem')
  readonly #key = path.join(this.folder, 'ca.key')

  constructor() {
    openssl(
      ...['req', '-x509', ...keyKind, '-keyout', this.#key, '-out', this.cert, '-days', '2'],
      ...['-subj', '/CN=authority', '-addext', 'basicConstraints=critical,CA:TRUE'],
    )
  }

  leaf(name: string, { names = defaultNames, days = 2 }: LeafOptions = {}): Credentials {
    const [key, request, cert] = ['key', 'csr', 'pem'].map((end) =>
      path.join(this.folder, `${name}.${end}`),
    ) as [string, string, string]
    openssl(
      ...['req', ...keyKind, '-keyout', key, '-out', request, '-subj', `/CN=${name}`],
      ...['-addext', `subjectAltName=${names}`],
    )
    openssl(
      ...['x509', '-req', '-in', request, '-CA', this.cert, '-CAkey', this.#key],
      ...['-CAcreateserial', '-copy_extensions', 'copy', '-days', String(days), '-out', cert],
    )
    return { key, cert, ca: this.cert }
  }

  /** A file for `-ssl_dist_optfile`; `server` and `client` are more options, or others. */
  optfile(leaf: Credentials, { server = '', client = '' } = {}): string {
    const common = `{certfile, "${leaf.cert}"}, {keyfile, "${leaf.key}"}, {cacertfile, "${leaf.ca}"}`
    const file = path.join(this.folder, `${path.basename(leaf.cert, '.pem')}.conf`)
    writeFileSync(
      file,
      `[{server, [${server}${common}, {verify, verify_peer}, {fail_if_no_peer_cert, true}]},
        {client, [${client}${common}, {verify, verify_peer}]}].\n`,
    )
    return file
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true })
  }
}

const defaultNames = 'DNS:127.0.0.1,IP:127.0.0.1,DNS:localhost'

/** The contents of the files, as programs may give them. */
export function contentsOf({ key, cert, ca }: Credentials) {
  return { key: readFileSync(key), cert: readFileSync(cert, 'utf8'), ca: readFileSync(ca) }
}

function openssl(...words: string[]): void {
  execFileSync('openssl', words, { stdio: 'pipe' })
}
