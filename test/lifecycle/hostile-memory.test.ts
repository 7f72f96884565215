import { setImmediate as turn } from 'node:timers/promises'
import { atom, decode, ErlangNode, encode, format, isAtom, type Term, tuple } from 'beamlink'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { frameOf, HostilePeer, numbered } from '../helpers/hostile-peer.js'
import { uniqueName } from '../helpers/names.js'
import { Arrivals } from '../helpers/waiting.js'

/** `npm run test:all` sets it: ten million atoms, a million monitors. */
const isLong = process.env.BEAMLINK_LONG === '1'
const timeoutMs = isLong ? 600_000 : 60_000
const cookie = 'secret'
/**
 * What may be left. An atom that is kept takes 100 bytes and more, so ten million that were would
 * take ten times as much; the C library and V8 give memory back in pieces.
 */
const mostBytes = (isLong ? 128 : 24) * 1024 * 1024
const atomsEach = 90_000
/** Beyond those that the peer uses by itself. */
const firstReference = 1_000_000
const mebibyte = 1024 * 1024

let node: ErlangNode
const arrived = new Arrivals<number>()

beforeEach(async () => {
  node = await ErlangNode.start({
    name: uniqueName('js'),
    cookie,
    epmd: 'none',
    listen: { host: '127.0.0.1' },
    // The peers live in this process, too, and collecting what they have sent takes its time.
    handshakeTimeoutMs: timeoutMs,
  })
  node.register('reader', (message) => arrived.push(sizeOf(message)))
})
afterEach(() => node.stop())

function sizeOf(message: Term): number {
  if (message instanceof Map) return message.size
  return Array.isArray(message) ? message.length : 0
}

/** What the process uses when what nobody has is collected. */
async function used(): Promise<number> {
  if (global.gc === undefined) throw new Error('these tests need --expose-gc')
  for (let round = 0; round < 20; round += 1) {
    await turn()
    global.gc()
  }
  // Gives back the pages that newer releases of V8 keep for later.
  global.gc({ type: 'major', execution: 'sync', flavor: 'last-resort' })
  return process.memoryUsage().rss
}

/** Atoms that nobody has sent before: in a list, as keys of a map, or as the nodes of pids. */
function strangeTerm(kind: number, mark: number, count: number): Buffer {
  const name = `${mark.toString(36).padStart(4, '0')}_00000`
  const one = Buffer.concat([Buffer.of(119, name.length), Buffer.from(name)])
  const [head, tail] = [
    [Buffer.alloc(0), Buffer.alloc(0)], // atom
    [Buffer.alloc(0), Buffer.of(97, 1)], // atom => 1
    [Buffer.of(88), Buffer.alloc(12, 1)], // <atom.…>
  ][kind] as [Buffer, Buffer]
  const element = Buffer.concat([head, one, tail])
  const all = Buffer.alloc(element.length * count, element)
  for (let i = 0; i < count; i += 1) {
    const end = i * element.length + head.length + one.length
    all.write(i.toString(36).padStart(5, '0'), end - 5)
  }
  const header = Buffer.alloc(6)
  header[0] = 131
  header[1] = kind === 1 ? 116 : 108
  header.writeUInt32BE(count, 2)
  return Buffer.concat([header, all, kind === 1 ? Buffer.alloc(0) : Buffer.of(106)])
}

describe('the memory of a node', () => {
  const connections = isLong ? 112 : 6

  it(
    `does not grow with the atoms of peers: ${connections} connections of ${atomsEach}`,
    async () => {
      let mark = 0
      const round = async () => {
        const peer = await HostilePeer.connect(node, { cookie })
        const control = encode(tuple(6, peer.pid(), atom(''), atom('reader')))
        for (let sent = 0; sent < atomsEach; sent += 10_000) {
          mark += 1
          await peer.write(frameOf(control, strangeTerm(mark % 3, mark, 10_000)))
        }
        for (let sent = 0; sent < atomsEach; sent += 10_000) {
          expect(await arrived.next('atoms', timeoutMs)).toBe(10_000)
        }
        await peer.close()
      }
      // Until every table has been full once, and what is used again has been made.
      for (let count = 0; count < 3; count += 1) await round()
      const before = await used()
      for (let count = 0; count < connections - 3; count += 1) await round()
      const grown = (await used()) - before
      if (isLong) process.stdout.write(`${atomsEach * connections} atoms: ${grown} bytes more\n`)
      expect(grown).toBeLessThan(mostBytes)
      expect(node.stats().drops.limit).toBe(0)
    },
    timeoutMs,
  )

  it(
    'does not grow with the atoms that are decoded',
    async () => {
      let mark = 10_000
      const round = async () => {
        for (let count = 0; count < 10; count += 1) {
          mark += 1
          expect(sizeOf(decode(strangeTerm(mark % 3, mark, 10_000)))).toBe(10_000)
          // JavaScript lets go of no weak reference before the event loop turns.
          await turn()
        }
      }
      await round()
      const before = await used()
      for (let count = 0; count < (isLong ? 100 : 3); count += 1) await round()
      expect((await used()) - before).toBeLessThan(mostBytes)
    },
    timeoutMs,
  )

  it('keeps known atoms the same while the table of atoms begins anew', () => {
    const kept = decode(encode(atom('kept')))
    for (let mark = 20_000; mark < 20_014; mark += 1) {
      decode(strangeTerm(0, mark, 10_000))
      expect(decode(encode(atom('kept')))).toBe(kept)
      expect(format(decode(encode([atom('a'), atom('nil'), true])))).toBe('[a,nil,true]')
      expect(isAtom(decode(encode(atom(`new_${mark}`))), `new_${mark}`)).toBe(true)
    }
  })

  const monitors = isLong ? 1_000_000 : 20_000

  it(
    `does not grow with the monitors that peers had: ${monitors}`,
    async () => {
      const watched = node.spawn()
      const round = async (isLast: boolean) => {
        const peer = await HostilePeer.connect(node, { cookie })
        peer.keepsHeard = false
        const frame = frameOf(encode(tuple(19, peer.pid(), watched.pid, peer.reference())))
        const at = frame.length - 12 // the first word of the reference
        for (let sent = 0; sent < monitors; sent += 10_000) {
          await peer.write(numbered(frame, at, firstReference + sent, 10_000))
        }
        await peer.call('erlang', 'node', [], timeoutMs)
        if (!isLast) await peer.close()
      }
      await round(false)
      const before = await used()
      await round(false)
      expect((await used()) - before).toBeLessThan(24 * mebibyte)
      await round(true)
      const refused = Math.max(0, monitors - 250_000)
      // Calls are monitored, too.
      expect(node.stats().drops.limit).toBe(3 * (refused > 0 ? refused + 1 : 0))
      expect((await used()) - before).toBeLessThan(250 * mebibyte)
    },
    timeoutMs,
  )
})
