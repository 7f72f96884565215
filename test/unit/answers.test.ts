import { describe, expect, it } from 'vitest'
import { Answers } from '../../lib/node/peer/answers.js'

describe('the answers that wait to be written', () => {
  it('are too many above the mark, and what else waits does not count', () => {
    const answers = new Answers(800)
    for (let i = 1; i <= 8; i += 1) answers.add(100, 10_000 + i * 100)
    expect(answers.areTooMany).toBe(false)
    answers.add(1, 10_801)
    expect(answers.areTooMany).toBe(true)
  })

  it('are fewer when what they stand behind has been written, too', () => {
    const answers = new Answers(800)
    for (let i = 1; i <= 20; i += 1) answers.add(100, i * 1_100)
    answers.written(11_000, 22_000)
    expect(answers.areTooMany).toBe(true)
    answers.written(13_200, 22_000)
    expect(answers.areTooMany).toBe(false)
    answers.add(100, 22_100)
    expect(answers.areTooMany).toBe(true)
  })

  it('are none when all has been written, however small they were', () => {
    const answers = new Answers(800)
    for (let i = 1; i <= 1_000; i += 1) {
      answers.add(10, i * 10)
      answers.written(i * 10, i * 10)
    }
    expect(answers.areTooMany).toBe(false)
    for (let i = 1; i <= 81; i += 1) answers.add(10, 10_000 + i * 10)
    expect(answers.areTooMany).toBe(true)
  })

  it('are never too many without a mark', () => {
    const answers = new Answers(Number.POSITIVE_INFINITY)
    answers.add(2 ** 40, 2 ** 40)
    expect(answers.areTooMany).toBe(false)
  })
})
