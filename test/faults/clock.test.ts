import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { Scene } from '../helpers/scene.js'
import { expectFooting, settledTraffic, untilAcknowledged } from '../helpers/traffic.js'

/** Debian's package libfaketime; `MT` is the one for programs with threads. */
function libraryOfFalseTimes(): string | undefined {
  for (const folder of ['/usr/lib', '/usr/local/lib']) {
    const found = below(folder).find((file) => file.endsWith('faketime/libfaketimeMT.so.1'))
    if (found !== undefined) return found
  }
  return undefined
}

/** Three levels, as `/usr/lib/x86_64-linux-gnu/faketime/…`. */
function below(folder: string, levels = 3): string[] {
  if (levels === 0) return []
  try {
    return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
      const file = path.join(folder, entry.name)
      if (!entry.isDirectory()) return [file]
      return /-linux-|faketime/.test(entry.name) ? below(file, levels - 1) : []
    })
  } catch {
    return []
  }
}

const library = libraryOfFalseTimes()
if (library === undefined) {
  process.stderr.write(
    'skipped: jumps of the clock: there is no libfaketime (apt install faketime)\n',
  )
}

const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

describe.skipIf(library === undefined)('a clock that jumps', () => {
  it('by hours, ahead and back, disturbs neither connections nor timeouts', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'beamlink-clock-'))
    closers.push(() => rmSync(folder, { recursive: true }))
    const file = path.join(folder, 'offset')
    const setClock = (offset: string) => writeFileSync(file, `${offset}\n`)
    setClock('+0')
    const scene = await Scene.start({
      tickTimeS: 4,
      where: {
        env: {
          LD_PRELOAD: library ?? '',
          FAKETIME_TIMESTAMP_FILE: file,
          FAKETIME_NO_CACHE: '1',
          // The time of day jumps; what counts seconds since the start does not, as in any system.
          FAKETIME_DONT_FAKE_MONOTONIC: '1',
        },
      },
    })
    closers.push(() => scene.stop())
    const { far, erl, peer } = scene
    await scene.begin()
    const since = far.told.length
    const hour = 3_600_000
    for (const [offset, jump] of [
      ['+12h', 12 * hour],
      ['-12h', -24 * hour],
      ['+0', 12 * hour],
    ] as const) {
      const before = await far.run(() => Date.now())
      setClock(offset)
      const after = await far.run(() => Date.now())
      expect(Math.abs(after - before - jump)).toBeLessThan(60_000)
      await untilAcknowledged(far, 300)
      // A call waits neither for ever nor not at all.
      const took = await far.run(async (side, to) => {
        const start = process.hrtime.bigint()
        const code = await side.node
          .rpc(to, 'timer', 'sleep', [60_000], { timeoutMs: 300, kill: true })
          .catch((error: { code: string }) => error.code)
        return [code, Number((process.hrtime.bigint() - start) / 1_000_000n)] as const
      }, peer)
      expect(took[0]).toBe('ERR_ERL_TIMEOUT')
      expect(took[1]).toBeGreaterThanOrEqual(299)
      expect(took[1]).toBeLessThan(5_000)
      // Longer than the tick time, so that every tick has had its chance.
      await erl.eval('timer:sleep(4500)')
    }
    await erl.eval('traffic:stop()')
    expect(await settledTraffic(far)).toMatchObject({ unknown: 0, missing: 0 })
    expect(far.told.slice(since).filter(({ event }) => event !== 'drop')).toEqual([])
    await expectFooting(far, scene.footing)
  })
})
