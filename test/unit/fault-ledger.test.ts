import { describe, expect, it } from 'vitest'
import { ArrivalLedger, SentLedger } from '../fixtures/ledger.mjs'

/** Sends `count` numbers, hears of those in `acknowledged`; a null is a lost connection. */
function sent(count: number, acknowledged: readonly (number | null)[]): SentLedger {
  const ledger = new SentLedger()
  for (let number = 0; number < count; number += 1) ledger.next()
  for (const number of acknowledged) {
    if (number === null) ledger.connectionLost()
    else ledger.acknowledged(number)
  }
  ledger.settle()
  return ledger
}

function arrived(numbers: readonly (number | null)[]): ArrivalLedger {
  const ledger = new ArrivalLedger()
  for (const number of numbers) {
    if (number === null) ledger.connectionChanged()
    else ledger.arrived(number)
  }
  return ledger
}

describe('the ledger of what was sent', () => {
  it('finds nothing where all is acknowledged, or where only the end of a connection is not', () => {
    expect(sent(3, [1, 2, 3])).toMatchObject({ breaches: [], acknowledgements: 3, unknown: 0 })
    const ledger = new SentLedger()
    for (let number = 0; number < 5; number += 1) ledger.next()
    ledger.acknowledged(1)
    ledger.connectionLost()
    ledger.next()
    ledger.acknowledged(6)
    ledger.settle()
    expect(ledger).toMatchObject({ breaches: [], acknowledgements: 2, unknown: 4 })
  })

  it('finds nothing where one acknowledgement was lost with its connection', () => {
    const ledger = new SentLedger()
    for (let number = 0; number < 4; number += 1) ledger.next()
    ledger.acknowledged(1)
    ledger.connectionLost()
    ledger.acknowledged(3)
    ledger.acknowledged(4)
    ledger.settle()
    expect(ledger).toMatchObject({ breaches: [], acknowledgements: 3, unknown: 1 })
  })

  it.each([
    ['a hole', sent(3, [1, 3]), ['2…2 were lost while connected']],
    ['a lost end', sent(3, [1, 2]), ['3…3 were lost while connected']],
    ['one twice', sent(2, [1, 1, 2]), ['1 was acknowledged after 1']],
    [
      'a wrong order',
      sent(3, [2, 1, 3]),
      ['1…1 were lost while connected', '1 was acknowledged after 2'],
    ],
    ['one too many', sent(1, [1, 2]), ['2 was acknowledged and never sent']],
    [
      'a hole before the end of a connection',
      sent(4, [1, 3, null]),
      ['2…2 were lost while connected'],
    ],
  ])('finds %s', (_, ledger, breaches) => {
    expect(ledger.breaches.slice(0, breaches.length)).toEqual(breaches)
  })
})

describe('the ledger of what has arrived', () => {
  it('finds nothing where what is missing was lost with a connection', () => {
    expect(arrived([1, 2, null, 5, 6])).toMatchObject({ breaches: [], received: 4, missing: 2 })
  })

  it.each([
    ['a hole', [1, 3], ['2…2 did not come, and their connection held']],
    ['one twice', [1, 1], ['1 came after 1']],
    ['one twice over two connections', [1, 2, null, 2, 3], ['2 came after 2']],
    [
      'a wrong order',
      [1, 2, 4, 3],
      ['3…3 did not come, and their connection held', '3 came after 4'],
    ],
  ])('finds %s', (_, numbers, breaches) => {
    expect(arrived(numbers).breaches).toEqual(breaches)
  })
})
