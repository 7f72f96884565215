import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { resolveTlsSettings } from '../../lib/cli/tls-settings.js'
import { readOptfile } from '../../lib/node/tls/optfile.js'
import { resolveTls, type TlsOptions } from '../../lib/node/tls/options.js'
import { Authority, type Credentials, contentsOf } from '../helpers/tls/certificates.js'

let authority: Authority
let leaf: Credentials
beforeAll(() => {
  authority = new Authority()
  leaf = authority.leaf('leaf')
})
afterAll(() => authority.remove())

describe('the option tls', () => {
  it.each([
    [{ kee: 'x' }, 'unknown option "kee" of tls; did you mean "key"?'],
    [{ key: 42 }, 'tls.key must be PEM or the name of a file with it, got 42'],
    [{ key: '/no/such/file' }, 'tls.key cannot be read: ENOENT'],
    [{ verify: 'maybe' }, "tls.verify must be one of 'peer', 'none'"],
    [{ verify: 'none' }, 'tls needs key and cert'],
    [{}, 'tls needs the authority that peers are trusted by'],
    [{ minVersion: 'TLSv1' }, "tls.minVersion must be one of 'TLSv1.2', 'TLSv1.3'"],
    [{ optfile: 'x', key: 'y' }, 'tls.optfile says all there is to say; leave out tls.key'],
  ])('refuses %o', (options, message) => {
    expect(() => resolveTls(options as TlsOptions, true)).toThrow(message)
  })

  it('refuses now what OpenSSL could not use later, and shows nothing of it', () => {
    const { cert, ca } = contentsOf(leaf)
    const other = readFileSync(authority.leaf('other').key)
    expect(() => resolveTls({ cert, ca, key: other }, true)).toThrow(/cannot be used/)
    expect(() => resolveTls({ cert, ca, key: other }, true)).not.toThrow(/BEGIN/)
    expect(() => resolveTls({ ...leaf, ciphers: 'NONSENSE' }, true)).toThrow(/cannot be used/)
  })

  it('is mutual unless it says otherwise', () => {
    expect(resolveTls(leaf, true)).toMatchObject({
      server: { verifies: true, requiresCertificate: true },
      client: { verifies: true, checksName: true },
    })
    expect(resolveTls({ ...leaf, verify: 'none' }, true)).toMatchObject({
      server: { verifies: false, requiresCertificate: false },
      client: { verifies: false, checksName: false },
    })
    expect(resolveTls({ ca: leaf.ca }, false).client).toMatchObject({ cert: undefined })
  })
})

describe('a file of ssl_dist_optfile', () => {
  it('is read as Erlang reads it', () => {
    const file = `%% comment
      [{server, [{certfile, "c.pem"}, {certfile, "later.pem"}, {verify, verify_none}, secure_renegotiate,
                 {versions, ['tlsv1.3', 'tlsv1.2']}, {depth, 2}, {honor_cipher_order, true}]},
       {client, [{ciphers, ["A", "B"]}, {server_name_indication, disable}, {password, "p"}]}].`
    expect(readOptfile('x.conf', file)).toEqual({
      server: {
        certfile: 'c.pem',
        verifies: false,
        minVersion: 'TLSv1.2',
        maxVersion: 'TLSv1.3',
        depth: 2,
        honorCipherOrder: true,
      },
      client: { ciphers: 'A:B', checksName: false, password: 'p' },
    })
  })

  it.each([
    [
      '[{server, [{verify_fun, x}]}].',
      "x.conf: the server's option verify_fun cannot be done here",
    ],
    [
      '[{client, [{crl_check, true}]}].',
      "x.conf: the client's option crl_check cannot be done here",
    ],
    ['[{client, [{verify, yes}]}].', 'option verify: it must be verify_peer or verify_none'],
    ["[{client, [{versions, ['tlsv1.1']}]}].", 'older ones are not safe'],
    ['[{server, [{fail_if_no_peer_cert, 1}]}].', 'it must be true or false'],
    ['[{peer, []}].', 'x.conf: {peer, …} is not known'],
    ['[{client, [{a, b, c}]}].', 'x.conf: each option must be {Name, Value}'],
    ['{client, []}.', 'x.conf: a list of options is expected'],
    ['[{client,', 'x.conf holds no Erlang term'],
  ])('that says %s is refused', (file, message) => {
    expect(() => readOptfile('x.conf', file)).toThrow(message)
  })

  it('asks for certificates where it does not say, and needs a role for what the node does', () => {
    const file = path.join(authority.folder, 'short.conf')
    const common = `{certfile, "${leaf.cert}"}, {keyfile, "${leaf.key}"}, {cacertfile, "${leaf.ca}"}`
    writeFileSync(file, `[{server, [${common}]}, {client, [${common}]}].`)
    expect(resolveTls({ optfile: file }, true)).toMatchObject({
      server: { verifies: true, requiresCertificate: true },
      client: { verifies: true, checksName: true },
    })
    writeFileSync(file, `[{client, [${common}]}].`)
    expect(() => resolveTls({ optfile: file }, true)).toThrow('has no {server, …}')
    expect(resolveTls({ optfile: file }, false).server).toBeUndefined()
  })
})

describe('the options of TLS on the command line', () => {
  it.each([
    [{}, {}, undefined],
    [{ tlsCa: 'ca' }, {}, { ca: 'ca' }],
    [
      { tlsKey: 'k', tlsCert: 'c' },
      { BEAMLINK_TLS_PASSPHRASE: 'p' },
      { key: 'k', cert: 'c', passphrase: 'p' },
    ],
    [{ tlsOptfile: 'f' }, {}, { optfile: 'f' }],
    [{}, { BEAMLINK_TLS_OPTFILE: 'f' }, { optfile: 'f' }],
    [{ tls: false }, { BEAMLINK_TLS_OPTFILE: 'f' }, undefined],
  ])('%o with %o', (given, env, options) => {
    expect(resolveTlsSettings(given, env)).toEqual(options)
  })

  it('say what is missing, and what cannot go together', () => {
    expect(() => resolveTlsSettings({ tls: true }, {})).toThrow('--tls needs --tls-ca')
    expect(() => resolveTlsSettings({ tlsOptfile: 'f', tlsCa: 'c' }, {})).toThrow('leave out')
  })
})
