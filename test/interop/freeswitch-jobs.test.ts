import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { HostBench } from '../helpers/freeswitch/host-bench.js'
import { type Deferred, deferred } from '../helpers/waiting.js'

describe('commands of an event host', () => {
  let bench: HostBench
  let gate: Deferred<string>
  /** What it has told the program. */
  const told: string[] = []

  beforeAll(async () => {
    bench = await HostBench.start({
      onHandlerError: (error, what) => told.push(`${what}: ${(error as Error).message}`),
    })
    gate = deferred()
    const { host } = bench
    host.api('echo', (args) => args)
    host.api('wait', () => gate.promise)
    host.api('broken', () => {
      throw new Error('out of order')
    })
    host.api('numeric', (() => 5) as never)
    host.api('half', () => '\ud800')
  })
  afterAll(() => bench.stop())

  it.each([
    ['{bgapi, echo}', '{error,badarg}'],
    ['{bgapi, echo, x}', '{error,badarg}'],
    ['{bgapi, "echo", "x"}', '{error,badarg}'],
    ['{api, echo, <<255>>}', '{error,badarg}'],
    ['{api, broken, ""}', '{error,"broken: Command not found!\\n"}'],
    ['{api, numeric, ""}', '{error,"numeric: Command not found!\\n"}'],
    ['{api, echo, ""}', '{error,"Command returned no output!"}'],
    ['{api, echo, "-ERR no"}', '{error,"-ERR no"}'],
  ])('answers %s with %s', async (message, answer) => {
    expect(await bench.session().eval(`fs:ask(${message})`)).toBe(answer)
  })

  it('answers with text that has no UTF-8 as well as it can', async () => {
    expect(await bench.session().eval('fs:ask({api, half, ""}) =:= {ok, [239, 191, 189]}')).toBe(
      'true',
    )
  })

  it.each([
    ['{bgapi, echo, "hi", "my-job"}', '{bgok,"hi"}', 'true'],
    ['{bgapi, echo, ""}', '{bgok,[]}', 'true'],
    ['{bgapi, nosuch, "a"}', '{bgerror,"nosuch: Command not found!\\n"}', 'false'],
    ['{bgapi, echo, "-ERR no"}', '{bgerror,"-ERR no"}', 'false'],
  ])('runs %s as a job', async (message, outcome, isSuccess) => {
    const session = bench.session()
    await session.eval("fs:ask(register_event_handler), fs:ask({setevent, 'BACKGROUND_JOB'})")
    await session.eval(`{ok, Job} = fs:ask(${message}), {Tag, Job, Text} = fs:next()`)
    expect(await session.eval('{Tag, Text}')).toBe(outcome)
    expect(
      await session.eval(
        '{event, [_ | L]} = fs:next(), {Job =:= proplists:get_value("Job-UUID", L), proplists:get_value("Job-Successful", L), Text =:= proplists:get_value("body", L)}',
      ),
    ).toBe(`{true,"${isSuccess}",true}`)
  })

  it('tells of each command by an event', async () => {
    const session = bench.session()
    await session.eval("fs:ask(register_event_handler), fs:ask({setevent, 'API'})")
    await session.eval('fs:send({api, echo, "watched"}), fs:next()')
    expect(await session.eval('{event, L} = fs:next(), lists:nthtail(14, L)')).toBe(
      '[{"API-Command","echo"},{"API-Command-Argument","watched"}]',
    )
    await bench.host.run('erlang', 'bogus')
    expect(await session.eval('{event, M} = fs:next(), lists:last(M)')).toBe(
      '{"API-Command-Argument","bogus"}',
    )
  })

  it('keeps the messages of a peer in order behind an api, but no other peer, and no job', async () => {
    const session = bench.session()
    const other = await bench.another()
    try {
      await session.eval(
        'Waiter = fs:handler(), fs:at(Waiter, fun() -> fs:send({api, wait, ""}) end), fs:send(getpid)',
      )
      expect(await session.eval('fs:next(200)')).toBe('timeout')
      expect(await other.eval('fs:ask({api, echo, "free"})')).toBe('{ok,"free"}')
      expect(
        await other.eval('{ok, Job} = fs:ask({bgapi, wait, ""}), fs:ask({api, echo, "free"})'),
      ).toBe('{ok,"free"}')
      gate.resolve('done')
      expect(await session.eval('[element(1, T) || T <- fs:drain()]')).toMatch(
        /^\[<.*>,ok\]$|^\[ok,<.*>\]$/,
      )
    } finally {
      await other.stop()
    }
  })

  it('tells the log and the program what a command of the program throws', async () => {
    const session = bench.session()
    await session.eval('fs:ask(register_log_handler), fs:ask({set_log_level, err})')
    await session.eval('fs:ask({bgapi, broken, ""})')
    const line = await session.eval('[D || {log, L} <- fs:drain(), {data, D} <- L]')
    expect(line).toContain('the API command broken has failed: Error: out of order')
    expect(told).toContain('the API command broken: out of order')
  })

  it('answers gen_server:call to any name, and to its pid', async () => {
    const session = bench.session()
    const call = (name: string, request: string) =>
      session.eval(`gen_server:call({${name}, '${bench.node.name}'}, ${request}, 3000)`)
    expect(await call('foo', '{api, echo, "called"}')).toBe('{ok,"called"}')
    expect(await call('mod_erlang_event', 'nosuch')).toBe('{error,undef}')
    expect(await call('x', 'link')).toBe('ok')
    expect(await call('x', "{sendevent, 'NOSUCH', []}")).toBe('{error,badarg}')
    expect(
      await session.eval('{ok, Pid} = fs:ask(getpid), gen_server:call(Pid, getpid) =:= {ok, Pid}'),
    ).toBe('true')
    expect(
      await session.eval(`gen_server:multi_call(['${bench.node.name}'], foo, nosuch)`),
    ).toContain('{error,undef}')
  })

  it('answers what is sent to its pid to the real sender', async () => {
    const session = bench.session()
    await session.eval(
      '{ok, Pid} = fs:ask(getpid), A = fs:handler(), fs:at(A, fun() -> Pid ! {api, echo, "mine"} end)',
    )
    expect(await session.eval('{A, Answer} = fs:next(), Answer')).toBe('{ok,"mine"}')
  })
})
