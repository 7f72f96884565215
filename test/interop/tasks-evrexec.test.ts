import { ErlangNode } from 'beamlink'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { ErlNode, testCookie } from '../helpers/erl-node.js'
import { uniqueName } from '../helpers/names.js'
import { type ObservedTasks, observedTasks, onDemand, stopAllTasks } from '../helpers/tasks.js'

const invalidParameters = '{[{code,500},{<<"error">>,<<"Invalid parameters">>}]}'
const routeNotFound = '{[{code,500},{<<"error">>,<<"Event route not found">>}]}'

describe('evrexec, as Erlang calls it', () => {
  let erl: ErlNode
  let node: ErlangNode
  let observed: ObservedTasks

  beforeAll(async () => {
    erl = await ErlNode.start()
    const epmd = { host: '127.0.0.1', port: erl.epmdPort }
    node = await ErlangNode.start({ name: uniqueName('tasks'), cookie: testCookie, epmd })
  })
  afterEach(stopAllTasks)
  afterAll(async () => {
    await node.stop()
    await erl.stop()
  })

  const start = async (...define: ((tasks: ObservedTasks) => unknown)[]) => {
    observed = observedTasks({ node })
    for (const one of define) one(observed)
    await observed.tasks.start()
  }
  const test = (tasks: ObservedTasks) => tasks.define('evrexec:test', onDemand)
  const rpc = (name: string, args: string, module = 'evrexec') =>
    erl.eval(`rpc:call('${node.name}', ${module}, ${name}, ${args})`)

  it('answers "Invalid parameters" to a parameter that is missing or no string', async () => {
    await start(test)
    expect(await rpc('run', '[]')).toBe(invalidParameters)
    expect(await rpc('run', '[42]')).toBe(invalidParameters)
    expect(await rpc('run', '[{a, tuple}, "data"]')).toBe(invalidParameters)
    expect(await rpc('run', '[""]')).toBe(invalidParameters)
    expect(await rpc('run', '["evrexec:test", 1.5]')).toBe(invalidParameters)
    expect(await rpc('run', '[<<255>>]')).toBe(invalidParameters)
  })

  it('answers "Event route not found" to a name that nobody has', async () => {
    await start(test)
    expect(await rpc('run', '["evrexec:nope"]')).toBe(routeNotFound)
    expect(await rpc('run', '["evrexec:nope", "data"]')).toBe(routeNotFound)
  })

  it('runs a task and answers ok when it has run', async () => {
    await start(test)
    expect(await rpc('run', '["evrexec:test", "mydata"]')).toBe('ok')
    expect(await observed.lines.next()).toBe('evrexec:test[]: argument mydata index undefined')
    expect(await rpc('run', '["evrexec:test"]')).toBe('ok')
    expect(await observed.lines.next()).toBe('evrexec:test[]: argument  index undefined')
    expect(await rpc('run', '[\'evrexec:test\', <<"κ"/utf8>>]')).toBe('ok')
    expect(await observed.lines.next()).toBe('evrexec:test[]: argument κ index undefined')
  })

  it('answers to the spelling evroute:run as well', async () => {
    await start(test)
    expect(await rpc('run', '["evrexec:test", "x"]', 'evroute')).toBe('ok')
    expect(await rpc('run', '["evroute:test"]', 'evroute')).toBe(routeNotFound)
  })

  it('answers ok to a task that fails, and counts it', async () => {
    await start((tasks) => tasks.define('throws', onDemand))
    expect(await rpc('run', '["throws"]')).toBe('ok')
    expect(await observed.failures.next()).toBe('throws: on purpose')
    expect(observed.tasks.list()[0]).toMatchObject({ runs: 1, failures: 1 })
  })

  it('fails the call when the thread of the run dies', async () => {
    await start((tasks) => tasks.define('leaves', onDemand))
    expect(await rpc('run', '["leaves"]')).toContain('process.exit(3)')
    expect(await rpc('run', '["leaves"]')).toMatch(/^{badrpc,{'EXIT',{{js_error,/)
  })

  it("gives the task's own value where that is wanted", async () => {
    await start(
      (tasks) => tasks.define('echo', onDemand),
      (tasks) => tasks.define('loud', { ...onDemand, run: './jobs.mjs#echo', result: true }),
      (tasks) => tasks.define('throws', { ...onDemand, result: true }),
    )
    expect(await rpc('run', '["echo", "a"]')).toBe('ok')
    expect(await rpc('run', '["echo", "a", [result]]')).toBe('[<<"a">>,<<"a">>,nil]')
    expect(await rpc('run', '["loud", "b"]')).toBe('[<<"b">>,<<"b">>,nil]')
    expect(await rpc('run', '["throws"]')).toContain('{js_error,<<"TypeError">>,<<"on purpose">>}')
  })

  it('lists tasks as maps', async () => {
    await start(test, (tasks) => tasks.define('loop', { workers: 2 }))
    await observed.lines.next()
    await observed.lines.next()
    await rpc('run', '["evrexec:test"]')
    const names = `[maps:get(name, T) || T <- rpc:call('${node.name}', evrexec, list, [])]`
    expect(await erl.eval(names)).toBe('[<<"evrexec:test">>,<<"loop">>]')
    expect(
      await erl.eval(`
        [#{state := idle, runs := 1, failures := 0, last_error := undefined, workers := []},
         #{state := running, runs := 2, workers := [#{index := 0, pid := Pid}, #{index := 1}]}] =
           rpc:call('${node.name}', evrexec, list, []),
        #{name := <<"loop">>} = rpc:call('${node.name}', evrexec, list, ["loop"]),
        Pid =:= rpc:call('${node.name}', evrexec, pid, ["loop"])`),
    ).toBe('true')
  })

  it('begins a run that Erlang monitors', async () => {
    await start(
      (tasks) => tasks.define('loop', onDemand),
      (tasks) => tasks.define('throws', onDemand),
    )
    expect(
      await erl.eval(`
        {ok, Pid} = rpc:call('${node.name}', evrexec, start, ["loop", "data"]),
        Ref = monitor(process, Pid),
        exit(Pid, kill),
        receive {'DOWN', Ref, process, Pid, Reason} -> Reason end`),
    ).toBe('killed')
    expect(await observed.failures.next()).toContain('an exit signal ended its process: killed')
  })

  it('refuses options of a run that it does not know', async () => {
    await start(test)
    expect(await rpc('run', '["evrexec:test", "x", [reslt]]')).toBe(invalidParameters)
    expect(await rpc('run', '["evrexec:test", "x", result]')).toBe(invalidParameters)
    expect(await rpc('run', '["evrexec:test", "x", []]')).toBe('ok')
  })

  it('is free for the next Tasks when its options were refused', async () => {
    expect(() => observedTasks({ node, expose: { exposeTo: ['no name'] } })).toThrow('exposeTo')
    await start(test)
    expect(await rpc('run', '["evrexec:test"]')).toBe('ok')
  })

  it('belongs to one Tasks for each node', async () => {
    await start(test)
    expect(() => observedTasks({ node })).toThrow(
      'node must be one that no other Tasks is exposed at',
    )
    observedTasks({ node, expose: false })
    await observed.tasks.stop()
    await start(test)
    expect(await rpc('run', '["evrexec:test"]')).toBe('ok')
  })

  it('may be hidden, or open to some peers only', async () => {
    for (const expose of [false, { exposeTo: ['somebody@127.0.0.1'] }]) {
      const { tasks, define } = observedTasks({ node, expose })
      define('evrexec:test', onDemand)
      expect(await rpc('run', '["evrexec:test"]')).toMatch(/^{badrpc,{'EXIT',{undef,/)
      await tasks.stop()
    }
  })

  it('is gone when the tasks are stopped', async () => {
    await start(test)
    await observed.tasks.stop()
    expect(await rpc('run', '["evrexec:test"]')).toMatch(/^{badrpc,{'EXIT',{undef,/)
  })
})
