import { describe, expect, it } from 'vitest'
import { Scene } from '../../helpers/scene.js'
import {
  expectFooting,
  settledTraffic,
  startTrafficAt,
  untilAcknowledged,
} from '../../helpers/traffic.js'

describe('a peer under load', () => {
  it('that is killed and started again is connected again; only what was under way is lost', async () => {
    await using scene = await Scene.start()
    const { far, peer } = scene
    await scene.begin()
    for (let life = 0; life < 3; life += 1) {
      const since = far.told.length
      scene.erl.signal('SIGKILL')
      const [name, reason] = await far.heard('nodedown', undefined, { since })
      expect([name, reason]).toEqual([
        peer,
        expect.stringMatching(/closed the connection|Connection reset|Broken pipe|connected anew/),
      ])
      expect((await far.heard('redial', undefined, { since }))[1]).toMatchObject({
        failures: expect.any(Number),
        error: { code: 'ERR_ERL_NOCONNECTION', message: expect.stringContaining(peer) },
      })
      await scene.erl.stop()
      await scene.restartErl()
      await startTrafficAt(scene.erl, far.name)
      await far.heard('nodeup', undefined, { since })
      await untilAcknowledged(far, 500)
    }
    await scene.erl.eval('traffic:stop()')
    const report = await settledTraffic(far)
    expect(report.acknowledged).toBeGreaterThanOrEqual(1_600)
    expect(report.received).toBeGreaterThan(500)
    await expectFooting(far, scene.footing)
  })

  it('that hangs up again and again is connected again each time', async () => {
    await using scene = await Scene.start()
    const { far, erl } = scene
    await scene.begin()
    for (let round = 0; round < 10; round += 1) {
      const since = far.told.length
      await erl.eval(`erlang:disconnect_node('${far.name}')`)
      expect((await far.heard('nodedown', undefined, { since }))[1]).toMatch(
        /closed|reset|Broken pipe|connected anew/,
      )
      await far.heard('nodeup', undefined, { since })
      await untilAcknowledged(far, 100)
    }
    await erl.eval('traffic:stop()')
    const report = await settledTraffic(far)
    const [received, repeated] = JSON.parse(
      await erl.eval(`#{received := {R, D}} = traffic:report(), [R, D]`),
    )
    expect(repeated).toBe(0)
    expect(received).toBeGreaterThanOrEqual(report.acknowledged)
    expect(received).toBeLessThanOrEqual(report.sent)
    await expectFooting(far, scene.footing)
  })
})
