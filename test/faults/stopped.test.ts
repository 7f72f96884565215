import { describe, expect, it } from 'vitest'
import { freeze } from '../helpers/freeze.js'
import { Scene } from '../helpers/scene.js'
import { expectFooting, settledTraffic, untilAcknowledged } from '../helpers/traffic.js'
import { withDeadline } from '../helpers/waiting.js'

describe('a peer that is stopped by SIGSTOP under load', () => {
  it('for less than the tick time goes on as if nothing had been, and nothing is lost', async () => {
    await using scene = await Scene.start({ tickTimeS: 8 })
    const { far, erl } = scene
    await scene.begin()
    const since = far.told.length
    for (let round = 0; round < 3; round += 1) {
      await freeze(erl)
      await far.run((_side, ms) => new Promise((resolve) => setTimeout(resolve, ms)), 2_000)
      erl.signal('SIGCONT')
      await untilAcknowledged(far, 500)
    }
    await erl.eval('traffic:stop()')
    expect(await settledTraffic(far)).toMatchObject({ unknown: 0, missing: 0 })
    expect(far.told.slice(since)).toEqual([])
    await expectFooting(far, scene.footing)
  })

  it('for longer is given up as silent, and connected again when it goes on', async () => {
    await using scene = await Scene.start({ tickTimeS: 2 })
    const { far, erl, peer } = scene
    await scene.begin()
    const since = far.told.length
    await freeze(erl)
    expect(await far.heard('nodedown', undefined, { since })).toEqual([
      peer,
      'the peer was silent for the tick time',
    ])
    erl.signal('SIGCONT')
    await far.heard('nodeup', undefined, { since })
    await untilAcknowledged(far, 500)
    await erl.eval('traffic:stop()')
    const report = await settledTraffic(far)
    expect(report.unknown).toBeGreaterThan(0)
    await expectFooting(far, scene.footing)
  })
})

describe('our own process, stopped by SIGSTOP', () => {
  /** The peer goes on sending meanwhile, so that it is our fault if we find it silent. */
  it('does not give up, for its own silence, a peer that has spoken', async () => {
    await using scene = await Scene.start({ node: { netTicktimeS: 1 } })
    const { far, erl } = scene
    await far.run((side) => {
      side.kept.got = []
      side.node.register('ear', (message) => (side.kept.got as unknown[]).push(message))
    })
    await erl.eval(`
      Say = fun Say(N) -> {ear, '${far.name}'} ! N, timer:sleep(20), Say(N + 1) end,
      register(speaker, spawn(fun() -> Say(1) end))`)
    const heard = () => far.run((side) => (side.kept.got as number[]).length)
    const until = async (count: number) => {
      while ((await heard()) < count) await new Promise(setImmediate)
    }
    await withDeadline(until(50), 'the peer to speak')
    const since = far.told.length
    for (let round = 0; round < 5; round += 1) {
      far.signal('SIGSTOP')
      await erl.eval('timer:sleep(1500)')
      far.signal('SIGCONT')
      const before = await heard()
      await withDeadline(until(before + 50), 'the peer to speak on')
    }
    expect(far.told.slice(since)).toEqual([])
    const numbers = await far.run((side) => side.kept.got as number[])
    expect(numbers).toEqual(numbers.map((_, index) => index + 1))
    await erl.eval('exit(whereis(speaker), kill)')
  })

  it('is given up by its peer after the tick time, hears of it, and connects again', async () => {
    await using scene = await Scene.start({ tickTimeS: 2 })
    const { far, erl, peer } = scene
    await scene.begin()
    await erl.eval(`
      Observer = whereis(observer),
      spawn(fun() ->
        monitor_node('${far.name}', true),
        Observer ! watching,
        receive Change -> Observer ! Change end
      end)`)
    expect(await erl.observed.next()).toBe('watching')
    const since = far.told.length
    far.signal('SIGSTOP')
    expect(await erl.observed.next('the peer to give us up', 20_000)).toContain('nodedown')
    far.signal('SIGCONT')
    const [name, reason] = await far.heard('nodedown', undefined, { since })
    expect([name, reason]).toEqual([
      peer,
      expect.stringMatching(/closed|reset|Broken pipe|connected anew|silent/),
    ])
    await far.heard('nodeup', undefined, { since })
    await untilAcknowledged(far, 500)
    await erl.eval('traffic:stop()')
    await settledTraffic(far)
    await expectFooting(far, scene.footing)
  })
})

describe('a node whose event loop is blocked for a minute', () => {
  it('stays connected by a tick time of 15 s, and deals with all that came meanwhile, in order', async () => {
    await using scene = await Scene.start({ tickTimeS: 15 })
    const { far, erl } = scene
    await scene.begin()
    await far.run((side) => {
      side.kept.got = []
      side.node.register('ear', (message) => (side.kept.got as unknown[]).push(message))
    })
    const since = far.told.length
    const blocked = far.run((_side, ms) => {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
      return 'over'
    }, 60_000)
    await erl.eval(
      `[begin {ear, '${far.name}'} ! N, timer:sleep(20) end || N <- lists:seq(1, 2000)], ok`,
      100_000,
    )
    expect(await blocked).toBe('over')
    // Behind all that was sent before.
    expect(await erl.eval(`net_adm:ping('${far.name}')`)).toBe('pong')
    const numbers = await far.run((side) => side.kept.got as number[])
    expect(numbers).toEqual(Array.from({ length: 2_000 }, (_, index) => index + 1))
    await untilAcknowledged(far, 500)
    await erl.eval('traffic:stop()')
    expect(await settledTraffic(far)).toMatchObject({ unknown: 0, missing: 0 })
    expect(far.told.slice(since)).toEqual([])
  })
})
