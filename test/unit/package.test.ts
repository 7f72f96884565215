import { readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'

const root = path.resolve(__dirname, '../..')

function read(file: string): string {
  return readFileSync(path.join(root, file), 'utf8')
}

const manifest = JSON.parse(read('package.json'))

describe('the package as npm installs it', () => {
  it('brings every package that building the addon there requires', () => {
    const required = Array.from(
      read('binding.gyp').matchAll(/require\(\\?'([^'\\]+)\\?'\)/g),
      ([, name]) => name,
    )
    expect(required).toContain('node-addon-api')
    expect(Object.keys(manifest.dependencies)).toEqual(expect.arrayContaining(required))
  })

  it('holds every file that building the addon there reads', () => {
    const scripts = Array.from(
      read('binding.gyp').matchAll(/node (scripts\/\S+)/g),
      ([, file]) => file,
    )
    const needed = ['binding.gyp', 'native', ...new Set(scripts)]
    expect(manifest.files).toEqual(expect.arrayContaining(needed))
  })

  it('holds the Erlang module that it exports', () => {
    const exported = manifest.exports['./beamlink.erl'].replace('./', '')
    expect(manifest.files).toContain(exported)
    expect(read(exported)).toContain('-module(beamlink).')
  })

  it('holds what its README links to', () => {
    const links = Array.from(read('README.md').matchAll(/\]\(([\w./]+)\)/g), ([, to = '']) => to)
    const folders = new Set(links.map((link) => link.split('/')[0]))
    expect(manifest.files).toEqual(expect.arrayContaining([...folders]))
  })
})
