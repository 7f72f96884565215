import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ErlSession } from '../helpers/erl-node.js'
import { HostBench } from '../helpers/freeswitch/host-bench.js'

const levels = ['console', 'alert', 'crit', 'err', 'warning', 'notice', 'info', 'debug'] as const

describe('log lines of an event host', () => {
  let bench: HostBench
  let session: ErlSession

  beforeAll(async () => {
    bench = await HostBench.start({ encoding: 'binary' })
    session = bench.session()
  })
  afterAll(() => bench.stop())

  it('refuses what is no line', () => {
    const { host } = bench
    expect(() => host.log({ level: 'verbose', text: 'x' } as never)).toThrow(/level must be one of/)
    expect(() => host.log({ text: 5 } as never)).toThrow(/text must be a string/)
    expect(() => host.log({ text: 'x', line: -1 })).toThrow(RangeError)
  })

  it.each([
    'console',
    "'0'",
    "'64'",
    "'-1'",
    "'3x'",
    "''",
    'verbose',
    'debug1',
    'error',
    '"info"',
    '5',
    'info, x',
  ])('refuses the level %s', async (level) => {
    expect(await session.eval(`fs:ask({set_log_level, ${level}})`)).toBe('{error,badarg}')
  })

  it('refuses a level that is missing', async () => {
    expect(await session.eval('fs:ask({set_log_level})')).toBe('{error,badarg}')
  })

  it.each([
    'disable',
    'alert',
    'crit',
    'err',
    'warning',
    'notice',
    'info',
    'debug',
    "'Info'",
    "'1'",
    "'63'",
    "'65'",
    "'1000'",
    "'7.5'",
  ])('takes the level %s', async (level) => {
    expect(await session.eval(`fs:ask({set_log_level, ${level}})`)).toBe('ok')
  })

  it('says ok to nolog, whoever logs', async () => {
    expect(await session.eval('fs:ask(nolog)')).toBe('ok')
  })

  it('sends lines as strings, in the form of FreeSWITCH', async () => {
    expect(await session.eval('fs:ask({set_log_level, err}), fs:ask(register_log_handler)')).toBe(
      'ok',
    )
    bench.host.log({
      text: 'a line',
      file: 'src/mod_x.c',
      func: 'f',
      line: 7,
      uuid: 'abc',
      level: 'DEBUG',
    })
    const line = await session.eval('fs:next()')
    expect(line).toMatch(
      /^\{log,\[\{level,7\},\{text_channel,7\},\{file,"mod_x.c"\},\{func,"f"\},\{line,7\},\{data,"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6} \d{1,3}\.\d\d% \[DEBUG\] mod_x\.c:7 a line\\n"\},\{user_data,"abc"\}\]\}$/,
    )
  })

  it.each([
    ['disable', '[]'],
    ['alert', '[0,1]'],
    ['warning', '[0,1,2,3,4]'],
    ["'65'", '[0,1,2,3,4,5,6,7]'],
  ])('sends at level %s those of %s', async (level, expected) => {
    await session.eval(`fs:ask(register_log_handler), fs:ask({set_log_level, ${level}})`)
    for (const each of levels) bench.host.log({ level: each, text: 'x' })
    expect(await session.eval('[N || {log, [{level, N} | _]} <- fs:drain()]')).toBe(expected)
  })

  it('stops at nolog, and when the handler dies', async () => {
    await session.eval('fs:ask(register_log_handler), fs:ask(nolog)')
    bench.host.log({ text: 'unheard' })
    expect(await session.eval('fs:drain()')).toBe('[]')
    await session.eval(
      'H = fs:handler(), fs:at(H, fun() -> fs:ask(register_log_handler) end), fs:stop(H), fs:ask(getpid)',
    )
    bench.host.log({ text: 'unheard' })
    expect(await session.eval('fs:drain()')).toBe('[]')
    expect((await bench.host.run('erlang', 'listeners')).output).toBe(
      `Listener to ${bench.erl.name} with outbound sessions: 0 events: 0 (lost:0) logs: 0 (lost:0) 0/0\n`,
    )
  })

  it('tells every message while it is asked to debug', async () => {
    expect(await session.eval('fs:ask({api, erlang, "debug on"})')).toBe(
      '{ok,<<"+OK debug on\\n">>}',
    )
    await session.eval('fs:ask(register_log_handler), fs:send({api, erlang, "debug maybe"})')
    expect(
      await session.eval('lists:flatten([D || {log, L} <- fs:drain(), {data, D} <- L])'),
    ).toContain('{api,erlang,\\"debug maybe\\"}')
    expect((await bench.host.run('erlang', 'debug')).output).toBe('+OK debug off\n')
  })
})
