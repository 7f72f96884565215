import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { ErlNode } from '../helpers/erl-node.js'

describe('the Erlang node that tests talk to', () => {
  let erl: ErlNode
  beforeAll(async () => {
    erl = await ErlNode.start()
  })
  afterAll(() => erl.stop())

  it('rejects with class and reason when an expression fails', async () => {
    await expect(erl.eval('1 + a')).rejects.toThrow(/^\{error,badarith,/)
    await expect(erl.eval('exit(normal)')).rejects.toThrow(/^\{exit,normal,/)
    await expect(erl.eval('1 +')).rejects.toThrow(/badmatch/)
  })

  it('rejects when the evaluating process is killed', async () => {
    await expect(erl.eval('exit(self(), kill)')).rejects.toThrow('{killed,killed}')
  })

  it('rejects what is pending when the node dies', async () => {
    const other = await ErlNode.start({ epmdPort: erl.epmdPort })
    const pending = expect(other.eval('receive never -> ok end')).rejects.toThrow('erl has ended')
    other.signal('SIGKILL')
    await pending
    await other.stop()
  })

  it('evaluates side by side, as text and as bytes', async () => {
    const blocked = erl.eval('register(gate, self()), observer ! there, receive go -> opened end')
    expect(await erl.observed.next()).toBe('there')
    expect(await erl.eval('X = {"h\\x{e9}llo", <<"b"/utf8>>}, {X, node()}')).toBe(
      `{{"héllo",<<"b">>},'${erl.name}'}`,
    )
    expect([...(await erl.evalBytes('[]'))]).toEqual([131, 106])
    await erl.eval('gate ! go')
    expect(await blocked).toBe('opened')
  })

  it('keeps the variables and the mailbox of a session', async () => {
    const session = erl.session()
    const self = await session.eval('Self = self(), Self ! kept, Self')
    expect(await session.eval('receive kept -> Self end')).toBe(self)
    await expect(session.eval('exit(Self, kill)')).rejects.toThrow('killed')
    await expect(session.eval('Self')).rejects.toThrow('unbound')
  })

  it('loads modules, shows what they print and what is sent to the observer', async () => {
    expect(await erl.load('-module(speaker).\n-export([say/1]).\nsay(X) -> observer ! X.')).toBe(
      'speaker',
    )
    await erl.eval('io:format("printed~n"), speaker:say({a, 1})')
    expect(await erl.observed.next()).toBe('{a,1}')
    // It comes by a pipe of its own, perhaps later.
    await vi.waitFor(() => expect(erl.output).toContain('printed\n'), { timeout: 10_000 })
  })

  it('meets another node under the same epmd', async () => {
    const other = await ErlNode.start({ epmdPort: erl.epmdPort })
    expect(await erl.eval(`net_adm:ping('${other.name}')`)).toBe('pong')
    await other.stop()
  })
})
