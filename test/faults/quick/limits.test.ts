import { execFileSync } from 'node:child_process'
import { afterEach, describe, expect, it } from 'vitest'
import { Epmd } from '../../helpers/epmd.js'
import { ErlNode, testCookie } from '../../helpers/erl-node.js'
import { FarNode } from '../../helpers/far-node.js'
import { uniqueName } from '../../helpers/names.js'
import { expectFooting } from '../../helpers/traffic.js'

const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

async function pair(): Promise<{ erl: ErlNode; far: FarNode }> {
  const epmd = await Epmd.start()
  closers.push(() => epmd.stop())
  const erl = await ErlNode.start({ epmdPort: epmd.port })
  closers.push(() => erl.stop())
  const far = await startFar(epmd.port)
  return { erl, far }
}

async function startFar(epmdPort: number, within: readonly string[] = []): Promise<FarNode> {
  const options = { name: uniqueName('js'), cookie: testCookie, epmd: { port: epmdPort } }
  const far = await FarNode.start(options, { within })
  closers.push(() => far.stop())
  return far
}

/** A soft limit of a running process, of this process's own user. */
function limit(far: FarNode, resource: string, soft: string): void {
  execFileSync('prlimit', ['--pid', String(far.pid), `--${resource}=${soft}:`])
}

describe('a process without descriptors', () => {
  /** Takes all there are, save `left`. */
  const takeAll = (far: FarNode, left: number) =>
    far.run((side, spared) => {
      const { openSync, closeSync } = process.getBuiltinModule('node:fs')
      const taken: number[] = []
      try {
        for (;;) taken.push(openSync('/dev/null', 'r'))
      } catch {
        for (const descriptor of taken.splice(0, spared)) closeSync(descriptor)
      }
      side.kept.taken = taken
    }, left)
  const giveBack = (far: FarNode) =>
    far.run((side) => {
      const { closeSync } = process.getBuiltinModule('node:fs')
      for (const descriptor of (side.kept.taken as number[]).splice(0)) closeSync(descriptor)
    })

  it('says which limit is at its end, keeps its connections, and dials again when there are some', async () => {
    const { erl, far } = await pair()
    const other = await ErlNode.start({ epmdPort: erl.epmdPort })
    closers.push(() => other.stop())
    await far.run((side, to) => side.node.ping(to), erl.name)
    const footing = await far.run((side) => side.footing())
    limit(far, 'nofile', '80')
    for (const left of [0, 1, 2]) {
      await takeAll(far, left)
      const call = far.run((side, to) => side.node.rpc(to, 'erlang', 'node'), other.name)
      // At epmd's door, or at the peer's.
      await expect(call).rejects.toMatchObject({
        code: 'ERR_ERL_RESOURCES',
        message: expect.stringMatching(/EMFILE|open files.*ulimit -n/),
      })
      // The connection that is there goes on.
      expect(await far.run((side, to) => side.node.rpc(to, 'erlang', 'abs', [-1]), erl.name)).toBe(
        1,
      )
      await giveBack(far)
    }
    expect(await far.run((side, to) => side.node.ping(to), other.name)).toBe(true)
    await far.run((side, to) => side.node.disconnect(to), other.name)
    await expectFooting(far, footing)
  })

  it('waits for some, if the call says so', async () => {
    const { erl, far } = await pair()
    limit(far, 'nofile', '80')
    await takeAll(far, 0)
    const call = far.run((side, to) => side.node.connect(to, { whenDown: 'wait' }), erl.name)
    const isWant = (_peer: string, redial: { error: { code: string } }) =>
      redial.error.code === 'ERR_ERL_RESOURCES'
    await far.heard('redial', isWant as () => boolean)
    await giveBack(far)
    await call
  })

  it('leaves callers waiting until it can accept them', async () => {
    const { erl, far } = await pair()
    limit(far, 'nofile', '80')
    await takeAll(far, 0)
    const ping = erl.eval(`net_adm:ping('${far.name}')`)
    await giveBack(far)
    expect(await ping).toBe('pong')
  })

  it('cannot start a node, says why, and can later', async () => {
    const { far } = await pair()
    limit(far, 'nofile', '80')
    await takeAll(far, 0)
    // A worker has a reactor of its own, which needs descriptors; so has each process.
    const start = (side: import('../../helpers/far-node.js').Side) =>
      side.beamlink.ErlangNode.start({ name: 'second@127.0.0.1', cookie: 'x', epmd: 'none' }).then(
        (node) => node.stop(),
      )
    await expect(far.run(start)).rejects.toMatchObject({
      code: 'ERR_ERL_RESOURCES',
      message: expect.stringContaining('ulimit -n'),
    })
    await giveBack(far)
    await far.run(start)
  })
})
