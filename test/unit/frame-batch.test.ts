import { beforeEach, describe, expect, it } from 'vitest'
import { AtomBook } from '../../lib/native/atom-book.js'
import { FrameColumn, type NativeBuffers } from '../../lib/native/contract.js'
import { FrameAttachment, FrameBatch } from '../../lib/native/frame-batch.js'
import { KeyTexts } from '../../lib/native/key-texts.js'
import { RawTerms } from '../../lib/native/raw-terms.js'
import { Op } from '../../lib/native/tape-ops.js'
import { TapeWriter } from '../../lib/native/tape-writer.js'
import type { TermInput } from '../../lib/term/term.js'

/** One frame as the addon would read it: its channel, its cost, the words of its tape. */
type Read = readonly [channel: number, cost: number, words: number[]]

/** Reads what is handed over, out of the memory that was attached. */
class Addon {
  attached: NativeBuffers = {}
  readonly handed: Read[][] = []
  readonly tickets: number[] = []

  attach(buffers: NativeBuffers): void {
    this.attached = { ...this.attached, ...buffers }
  }

  send(count: number, words: number, _textBytes: number, ticket: number): void {
    const { frameOps, frameTable } = this.attached
    const ops = [...new Int32Array(frameOps as ArrayBuffer, 0, words)]
    const table = new Float64Array(frameTable as ArrayBuffer)
    const starts = Array.from({ length: count }, (_, i) => table[i * 3 + FrameColumn.Start] ?? 0)
    const frames = starts.map((start, i): Read => {
      expect(start % 2).toBe(0)
      const [channel = 0, , cost = 0] = table.subarray(i * 3)
      return [channel, cost, ops.slice(start, starts[i + 1] ?? words)]
    })
    this.handed.push(frames)
    this.tickets.push(ticket)
  }
}

const book = new AtomBook({ defineAtom: () => undefined })
const keys = new KeyTexts({ defineKey: () => undefined })
const raws = new RawTerms({ isTerm: () => true })
const newWriter = () => new TapeWriter(book, keys, raws)

let addon: Addon
let attachment: FrameAttachment
let batch: FrameBatch
beforeEach(() => {
  addon = new Addon()
  attachment = new FrameAttachment(addon)
  batch = new FrameBatch(attachment, newWriter())
})

function add(channel: number, term: TermInput, ticket = 0): void {
  const writer = batch.begin()
  writer.term(term, {})
  batch.add(channel, 10 * channel, ticket)
  batch.end()
}

describe('a batch of frames', () => {
  it('hands over nothing when it is empty', () => {
    batch.flush()
    expect(addon.handed).toEqual([])
  })

  it('hands over what was added, in order, and starts afresh', () => {
    add(1, 11)
    add(2, [12.5])
    add(1, 13)
    batch.flush()
    expect(addon.handed).toHaveLength(1)
    const [first, second, third] = addon.handed[0] as Read[]
    expect(first).toEqual([1, 10, [Op.Int, 11]])
    expect(second?.slice(0, 2)).toEqual([2, 20])
    expect(second?.[2].slice(0, 3)).toEqual([Op.List, 1, Op.Float])
    expect(third).toEqual([1, 10, [Op.Int, 13]])
    add(3, 14)
    batch.flush()
    expect(addon.handed[1]).toEqual([[3, 30, [Op.Int, 14]]])
  })

  it('forgets a frame that was not added', () => {
    add(1, 11)
    batch.begin().term(['half', 'written'], {})
    batch.end()
    add(2, 12)
    batch.flush()
    expect(addon.handed).toEqual([
      [
        [1, 10, [Op.Int, 11]],
        [2, 20, [Op.Int, 12]],
      ],
    ])
  })

  it('hands over a frame with a ticket by itself', () => {
    add(1, 11)
    add(2, Buffer.alloc(100_000), 7)
    batch.flush()
    add(3, 13)
    batch.flush()
    expect(addon.handed.map((frames) => frames.map(([channel]) => channel))).toEqual([
      [1],
      [2],
      [3],
    ])
    expect(addon.tickets).toEqual([0, 7, 0])
  })

  it('hands over what is complete while a frame is being written, and keeps that', () => {
    add(1, 11)
    const writer = batch.begin()
    writer.term([1200], {})
    batch.flush()
    const other = new FrameBatch(attachment, newWriter())
    other.begin().term(13, {})
    other.add(2, 0, 0)
    other.end()
    other.flush()
    writer.term(14, {})
    batch.add(3, 0, 0)
    batch.end()
    batch.flush()
    const [first, second, third] = addon.handed
    expect(first).toEqual([[1, 10, [Op.Int, 11]]])
    expect(second).toEqual([[2, 0, [Op.Int, 13]]])
    expect(third?.[0]?.[2].join()).toContain([Op.Int, 1200, Op.Int, 14].join())
  })

  it('hands over when its table is full', () => {
    for (let i = 0; i < 1000; i++) add(i, i)
    batch.flush()
    expect(addon.handed.flat().map(([channel]) => channel)).toEqual(Array.from(Array(1000).keys()))
    expect(addon.handed.length).toBeLessThan(5)
  })

  it('lets go of memory that a large frame took, and has the addon let go of it', () => {
    add(
      1,
      Array.from({ length: 2_000_000 }, () => 1000),
    )
    batch.flush()
    expect(addon.attached.frameOps?.byteLength).toBeLessThan(1_000_000)
    add(2, 12)
    batch.flush()
    expect(addon.handed[1]).toEqual([[2, 20, [Op.Int, 12]]])
  })
})
