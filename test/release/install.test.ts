import { cpSync, statSync } from 'node:fs'
import path from 'node:path'
import { beforeAll, describe, expect, inject, it } from 'vitest'
import { Debian } from '../helpers/package/debian.js'
import { freePort } from '../helpers/ports.js'

const program = path.join(__dirname, '../fixtures/two-nodes.mjs')

describe('the tarball that is published', () => {
  it('is smaller than 2 MB', () => {
    expect(statSync(inject('tarball')).size).toBeLessThan(2_000_000)
  })
})

describe('the oldest Debian that can be had, without Erlang and without a compiler', () => {
  let debian: Debian
  beforeAll(async () => {
    debian = await Debian.oldest()
    await debian.run('rm -rf /srv/app; mkdir -p /srv/app')
    cpSync(inject('tarball'), path.join(debian.folder, 'srv/app/beamlink.tgz'))
    cpSync(program, path.join(debian.folder, 'srv/app/two-nodes.mjs'))
  })

  it('has neither', async () => {
    const found = 'for name in erl epmd cc gcc g++ make python3; do command -v $name || true; done'
    expect(await debian.run(found)).toBe('')
    expect(await debian.run('ldd --version | head -n 1')).toContain('2.31')
  })

  it('installs it, and two nodes exchange a message there', async () => {
    const npm = 'node /usr/local/lib/node_modules/npm/bin/npm-cli.js'
    await debian.run(
      `cd /srv/app; ${npm} init -y >/dev/null; ${npm} install --no-audit --no-fund ./beamlink.tgz`,
      { NODE_EXTRA_CA_CERTS: '/etc/ssl/certs/ca-certificates.crt' },
    )
    const said = await debian.run('cd /srv/app; node two-nodes.mjs', {
      ERL_EPMD_PORT: String(await freePort()),
    })
    expect(said).toBe('got [<<"hello">>,42]\nended 0\n')
  })
})
