import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runCli } from '../helpers/cli.js'
import { ErlNode, testCookie } from '../helpers/erl-node.js'

describe('the command line that loads modules', () => {
  let erl: ErlNode
  let env: Record<string, string>
  let folder: string
  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'beamlink-'))
    erl = await ErlNode.start()
    env = { ERL_EPMD_PORT: String(erl.epmdPort), BEAMLINK_COOKIE: testCookie }
  })
  afterAll(async () => {
    await erl.stop()
    rmSync(folder, { recursive: true })
  })

  const load = (file: string, stdin = '') => runCli(['load', erl.name, file], { env, stdin })
  const write = (name: string, bytes: string | Buffer): string => {
    const file = path.join(folder, name)
    writeFileSync(file, bytes)
    return file
  }

  it('ends with 2 for what is no module, and with 1 for one that does not compile', async () => {
    expect(await load(path.join(folder, 'none.erl'))).toMatchObject({ code: 2, stdout: '' })
    expect((await load('stock.txt')).stderr).toContain('ends in .erl or .beam, got "stock.txt"')
    const { code, stdout, stderr } = await load(
      write('broken.erl', '-module(broken).\n-export([f/0]).\nf() -> nosuch(1).\n'),
    )
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toBe(
      'broken.erl:3:8: function nosuch/1 undefined\nbeamlink: broken.erl does not compile (ERR_ERL_REMOTE)\n',
    )
    const beam = await load(write('broken.beam', 'no beam'))
    expect(beam.code).toBe(1)
    expect(beam.stderr).toContain('broken.beam cannot be loaded: ')
  })

  it('compiles a module at the peer, with macros, in place of the one that is there', async () => {
    await erl.load('-module(stock). -export([get/0]). get() -> old.')
    const source =
      '-module(stock).\n-export([get/0]).\n-define(COUNT, 5).\nget() -> Unused = 1, {?MODULE, ?COUNT}.\n'
    const { code, stdout, stderr } = await load(write('stock.erl', source))
    expect({ code, stdout }).toEqual({ code: 0, stdout: '{module,stock}\n' })
    expect(stderr).toBe(`stock.erl:4:10: Warning: variable 'Unused' is unused\n`)
    expect(await erl.eval('stock:get()')).toBe('{stock,5}')
    const left =
      'filelib:wildcard(filename:join(os:getenv("TMPDIR", "/tmp"), "beamlink_*_stock.erl"))'
    expect(await erl.eval(left)).toBe('[]')
  })

  it('takes source on standard input, and beam files', async () => {
    const piped = await load('-', '-module(piped).\n-export([f/0]).\nf() -> 1.\n')
    expect(piped).toEqual({ code: 0, stdout: '{module,piped}\n', stderr: '' })
    const beam = await erl.evalBytes(
      '{ok, _, Code} = compile:forms([{attribute,1,module,direct},{attribute,1,export,[{f,0}]},{function,1,f,0,[{clause,1,[],[],[{integer,1,7}]}]}]), Code',
    )
    expect(await load(write('direct.beam', beam.subarray(6)))).toMatchObject({ code: 0 })
    expect(await erl.eval('direct:f()')).toBe('7')
  })
})
