import { describe, expect, it } from 'vitest'
import { Turns } from '../../lib/kamailio/c-node/turns.js'

describe('turns', () => {
  it('come one after the other, however many have waited', () => {
    const turns = new Turns()
    let begun = 0
    const begin = () => {
      begun += 1
      turns.release()
    }
    turns.hold()
    for (let i = 0; i < 50_000; i++) turns.take({ begin, failed: () => undefined })
    expect(begun).toBe(0)
    turns.free()
    expect([begun, turns.waiting]).toEqual([50_000, 0])
  })

  it('are refused when they are closed, before and after', () => {
    const turns = new Turns()
    const told: unknown[] = []
    const turn = { begin: () => told.push('begun'), failed: (error: unknown) => told.push(error) }
    turns.hold()
    turns.take(turn)
    turns.close('closed')
    turns.take(turn)
    turns.free()
    expect(told).toEqual(['closed', 'closed'])
  })
})
