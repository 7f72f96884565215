import { afterEach, describe, expect, it } from 'vitest'
import { Epmd } from '../helpers/epmd.js'
import { testCookie } from '../helpers/erl-node.js'
import { FarNode } from '../helpers/far-node.js'
import { uniqueName } from '../helpers/names.js'
import { Scene } from '../helpers/scene.js'
import { expectFooting } from '../helpers/traffic.js'

const rounds = 1_000
/** On a machine that has much else to do. */
const timeout = 600_000

const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

async function startFar(epmd: Epmd, name: string): Promise<FarNode> {
  const far = await FarNode.start({ name, cookie: testCookie, epmd: { port: epmd.port } })
  closers.push(() => far.stop())
  await far.run((side) => {
    const got: unknown[] = []
    side.kept.got = got
    side.node.register('ear', (message) => got.push(message))
  })
  return far
}

/** Numbers from 1 on, none missing, in order, none twice. */
function numbered(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index + 1)
}

describe('both sides that dial at once, a thousand times', { timeout }, () => {
  it('two of ours: one connection comes of it, and what each has sent arrives', async () => {
    const epmd = await Epmd.start()
    closers.push(() => epmd.stop())
    const names = [uniqueName('left'), uniqueName('right')] as const
    const [left, right] = await Promise.all([startFar(epmd, names[0]), startFar(epmd, names[1])])
    const footings = await Promise.all([left, right].map((far) => far.run((s) => s.footing())))
    const round = async (far: FarNode, peer: string, number: number) =>
      far.run(
        async (side, to, n) => {
          // What is sent dials.
          await side.node.send({ name: 'ear', node: to }, n)
          await side.node.ping(to)
          return side.node.peers
        },
        peer,
        number,
      )
    for (let number = 1; number <= rounds; number += 1) {
      const peers = await Promise.all([
        round(left, names[1], number),
        round(right, names[0], number),
      ])
      expect(peers).toEqual([[names[1]], [names[0]]])
      // Whichever side hangs up, both see it before they go on.
      const [one, other] = number % 2 === 0 ? [left, right] : [right, left]
      await one.run((side, to) => side.node.disconnect(to), other.name)
      const isDown = (side: import('../helpers/far-node.js').Side, to: string) =>
        new Promise<void>((resolve) => {
          if (!side.node.peers.includes(to)) resolve()
          else side.node.once('nodedown', () => resolve())
        })
      await other.run(isDown, one.name)
    }
    for (const far of [left, right]) {
      expect(await far.run((side) => side.kept.got)).toEqual(numbered(rounds))
    }
    await expectFooting(left, footings[0] as never)
    await expectFooting(right, footings[1] as never)
  })

  it('one of ours and one of Erlang: the same', async () => {
    await using scene = await Scene.start({ node: { reconnect: {} } })
    const { far, erl, peer } = scene
    await far.run((side) => {
      const got: unknown[] = []
      side.kept.got = got
      side.node.register('ear', (message) => got.push(message))
    })
    await erl.eval(`
      register(ear, spawn(fun() ->
        (fun Hear(L) -> receive {all, From} -> From ! lists:reverse(L), Hear(L); N -> Hear([N | L]) end end)([])
      end))`)
    const session = erl.session()
    for (let number = 1; number <= rounds; number += 1) {
      const [pong] = await Promise.all([
        session.eval(`{ear, '${far.name}'} ! ${number}, net_adm:ping('${far.name}')`),
        far.run(
          async (side, to, n) => {
            await side.node.send({ name: 'ear', node: to }, n)
            if (!(await side.node.ping(to))) throw new Error('no answer')
          },
          peer,
          number,
        ),
      ])
      expect(pong).toBe('pong')
      if (number % 2 === 0) await far.run((side, to) => side.node.disconnect(to), peer)
      else await session.eval(`erlang:disconnect_node('${far.name}')`)
      await far.run((side, to) => side.node.disconnect(to), peer)
      await session.eval(`
        (fun Wait() ->
          case lists:member('${far.name}', nodes(hidden)) of true -> erlang:yield(), Wait(); false -> ok end
        end)()`)
    }
    expect(await far.run((side) => side.kept.got)).toEqual(numbered(rounds))
    expect(JSON.parse(await erl.eval('ear ! {all, self()}, receive L -> L end'))).toEqual(
      numbered(rounds),
    )
    await far.run((side) => side.node.unregister('ear'))
    expect(await far.run((side) => side.node.stats().pendingCalls)).toBe(0)
  })
})
