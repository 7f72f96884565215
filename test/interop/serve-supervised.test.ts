import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { atom, type ErlangNode, format, type ServerProcess, type Term } from 'beamlink'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { counter } from '../helpers/counter.js'
import { ErlNode } from '../helpers/erl-node.js'
import { startBeside } from '../helpers/local-node.js'
import { Arrivals, withDeadline } from '../helpers/waiting.js'

/** The module as the package brings it; the test's compiler knows no macros. */
const beamlink = readFileSync(createRequire(__filename).resolve('beamlink/beamlink.erl'), 'utf8')

const sup = `-module(sup).
-behaviour(supervisor).
-export([start/1, init/1]).
start(Children) ->
  {ok, Pid} = supervisor:start_link(sup, Children),
  unlink(Pid),
  Pid.
init(Children) -> {ok, {#{}, Children}}.`

let erl: ErlNode
let node: ErlangNode
const started = new Arrivals<ServerProcess>()
let reasons: Arrivals<string>

beforeAll(async () => {
  erl = await ErlNode.start()
  await erl.load(beamlink.replaceAll('?MODULE', 'beamlink'))
  await erl.load(sup)
  node = await startBeside(erl)
  node.expose('counters', {
    start: (count: number) => {
      const terminate = (reason: Term) => reasons.push(format(reason))
      const server = node.serve('counter', { ...counter(count), terminate }, { trapExit: true })
      started.push(server)
      return server
    },
    refuse: () => node.serve('counter', { init: async () => Promise.reject(new Error('no disk')) }),
    stop: () => node.serve('counter', { init: (server) => server.stop(atom('no_disk')) }),
    hang: (trapExit: boolean) => {
      const init = () => new Promise<void>(() => undefined)
      const server = node.serve('counter', { init }, { trapExit })
      started.push(server)
      return server
    },
  })
})
afterAll(async () => {
  await node.stop()
  await erl.stop()
})

function child(start: string, args: string): string {
  return `#{id => counter, start => {beamlink, start_link, ['${node.name}', counters, ${start}, ${args}]}}`
}

describe('a server that a supervisor cannot start', () => {
  it('gives the supervisor the reason of its init', async () => {
    const reason = await erl.eval(`S = sup:start([]), {error, R} =
      supervisor:start_child(S, ${child('refuse', '[]')}), exit(S, shutdown), element(1, R)`)
    expect(reason).toBe('{{js_error,<<"Error">>,<<"no disk">>},[{counter,init,1,[]}]}')
    expect(node.whereis('counter')).toBeUndefined()
  })

  it('gives the supervisor the reason with which its init stopped it', async () => {
    expect(
      await erl.eval(`process_flag(trap_exit, true),
        beamlink:start_link('${node.name}', counters, stop, [])`),
    ).toBe('{error,no_disk}')
  })

  it.each([true, false])('is killed when its init takes too long, trapExit: %s', async (traps) => {
    expect(
      await erl.eval(`beamlink:start_link('${node.name}', counters, hang, [${traps}], 20)`),
    ).toBe('{error,timeout}')
    const server = await started.next('a server')
    expect(await withDeadline(server.whenEnded, 'its end')).toBe(atom('killed'))
    expect(node.whereis('counter')).toBeUndefined()
  })

  it('ends in its init with who starts it', async () => {
    await erl.eval(`register(starter, spawn(beamlink, start_link,
      ['${node.name}', counters, hang, [false]]))`)
    const server = await started.next('a server')
    await erl.eval('exit(whereis(starter), enough)')
    expect(await withDeadline(server.whenEnded, 'its end')).toBe(atom('enough'))
  })
})

describe('a server under a supervisor', () => {
  let server: ServerProcess
  beforeEach(async () => {
    reasons = new Arrivals()
    await erl.eval(`register(sup, sup:start([${child('start', '[7]')}]))`)
    server = await started.next('a server')
  })
  afterEach(async () => {
    await erl.eval('catch gen_server:stop(sup)')
    await server.whenEnded
  })

  it('is its child, with it as parent', async () => {
    expect(
      await erl.eval(`[{counter, Pid, worker, _}] = supervisor:which_children(sup),
        {status, Pid, _, [_, _, Parent | _]} = sys:get_status(Pid),
        {gen_server:call(Pid, get), Parent =:= whereis(sup)}`),
    ).toBe('{7,true}')
  })

  it('is started again when it fails', async () => {
    await node.call('counter', atom('nonsense')).catch(() => undefined)
    expect(await reasons.next()).toMatch(/^\{\{js_error,<<"RangeError">>/)
    server = await started.next('the next server')
    await server.whenStarted
    expect(await node.call(server.pid, atom('get'))).toBe(7)
  })

  it('terminates in order when the supervisor ends it', async () => {
    expect(await erl.eval('supervisor:terminate_child(sup, counter)')).toBe('ok')
    expect(await reasons.next()).toBe('shutdown')
    expect(await server.whenEnded).toBe(atom('shutdown'))
  })

  it('terminates in order when the supervisor ends', async () => {
    await erl.eval('gen_server:stop(sup)')
    expect(await reasons.next()).toBe('shutdown')
    expect(server.isAlive).toBe(false)
  })

  it('ends with the connection to its supervisor', async () => {
    await node.disconnect(erl.name)
    expect(await reasons.next()).toBe('noconnection')
    expect(await server.whenEnded).toBe(atom('noconnection'))
  })
})
