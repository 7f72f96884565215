import { atom, Fun, LocalTerm, RawTerm, type TermInput, tuple } from 'beamlink'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type JoinedNodes, joinedNodes } from '../helpers/joined-nodes.js'

describe('bytes that are no term', () => {
  let nodes: JoinedNodes
  beforeEach(async () => {
    nodes = await joinedNodes()
  })
  afterEach(() => nodes.stop())

  // The frames of a turn are encoded on another thread, behind the back of whoever sends.
  it.each<[string, TermInput, string]>([
    ['a RawTerm', new RawTerm(Buffer.of(200, 1, 2)), 'the bytes'],
    ['a LocalTerm', tuple(atom('a'), new LocalTerm(Buffer.of(97))), '[1]: the bytes'],
    ['a Fun', { f: new Fun(atom('m'), 0, 0, 0, Buffer.of(97)) }, 'f: the bytes'],
    ['of a local term', [new RawTerm(Buffer.of(121, 1))], '[0]: a local term'],
  ])('are refused to who sends them, and the connection stays: %s', async (_, term, message) => {
    const { here, there } = nodes
    const sink = there.spawn({ name: 'sink' })
    const to = { name: 'sink', node: there.name }
    const downs: unknown[] = []
    here.on('nodedown', (...down) => downs.push(down))
    void here.send(to, 'before')
    const refused = expect.objectContaining({
      code: 'ERR_ERL_ENCODE',
      message: expect.stringContaining(message),
    })
    expect(() => here.send(to, term)).toThrow(refused)
    await expect(here.rpc(there.name, 'm', 'f', [term])).rejects.toEqual(
      expect.objectContaining({ code: 'ERR_ERL_ENCODE' }),
    )
    void here.send(to, new RawTerm(Buffer.of(97, 7)))
    expect(await sink.receive()).toEqual(Buffer.from('before'))
    expect(await sink.receive()).toBe(7)
    expect(downs).toEqual([])
  })
})
