import { describe, expect, it } from 'vitest'
import { uniqueAlive } from '../../helpers/names.js'
import { Scene } from '../../helpers/scene.js'
import { expectFooting, settledTraffic, untilAcknowledged } from '../../helpers/traffic.js'

describe('epmd', () => {
  it('may be killed under load: connections hold, and the name is there again when it is back', async () => {
    await using scene = await Scene.start()
    const { far, erl } = scene
    await scene.begin()
    for (let life = 0; life < 2; life += 1) {
      const since = far.told.length
      await scene.epmd.kill()
      const [error] = await far.heard('epmddown', undefined, { since })
      expect(error).toMatchObject({
        code: 'ERR_ERL_NO_EPMD',
        message: expect.stringContaining(`127.0.0.1:${scene.epmd.port} has closed its connection`),
      })
      // Who is connected needs no epmd; who is not hears why.
      await untilAcknowledged(far, 200)
      const away = `${uniqueAlive('away')}@127.0.0.1`
      await expect(far.run((side, to) => side.node.connect(to), away)).rejects.toMatchObject({
        code: 'ERR_ERL_NO_EPMD',
        message: expect.stringContaining('epmd -daemon'),
      })
      await scene.restartEpmd()
      await far.heard('epmdup', undefined, { since })
      const alive = far.name.split('@')[0]
      expect(
        await erl.eval(`
          {ok, Names} = erl_epmd:names({127,0,0,1}), lists:keymember("${alive}", 1, Names)`),
      ).toBe('true')
    }
    await erl.eval('traffic:stop()')
    expect(await settledTraffic(far)).toMatchObject({ unknown: 0, missing: 0 })
    expect(far.told.filter(({ event }) => event === 'nodedown')).toEqual([])
    await expectFooting(far, scene.footing)
  })
})
