import { readFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { ErlNode } from '../helpers/erl-node.js'
import { pageOf } from '../helpers/page.js'
import { Program } from '../helpers/program.js'
import { root } from '../helpers/rings.js'

const folder = path.join(root, 'examples/rpc-worker')
const readme = readFileSync(path.join(folder, 'README.md'), 'utf8')
const worker = "'worker@127.0.0.1'"

/** A hash of those costs is a second's work, and much more on a busy machine. */
const patienceMs = 60_000

describe('the example of a worker', { timeout: 2 * patienceMs }, () => {
  let erl: ErlNode
  let program: Program
  beforeAll(async () => {
    erl = await ErlNode.start({ name: 'shop@127.0.0.1', cookie: 'secret' })
  })
  afterEach(() => program?.kill())
  afterAll(() => erl.stop())

  const start = async (env: Readonly<Record<string, string>> = {}) => {
    const own = { ERL_EPMD_PORT: String(erl.epmdPort), ...env }
    program = new Program(process.execPath, [path.join(folder, 'main.mjs')], own)
    await program.until(/serves passwords:hash\/1/)
  }
  const stats = (key: string) => `maps:get(${key}, erpc:call(${worker}, passwords, stats, []))`
  const until = (key: string) =>
    `fun Wait() -> case ${stats(key)} of 1 -> ok; _ -> Wait() end end()`
  /** One is hashed for long, so that the others wait. */
  const slow = { AT_ONCE: '1', MOST_WAITING: '1', COST: String(2 ** 17) }
  const ask = `Ask = fun(P) -> erpc:send_request(${worker}, passwords, hash, [P]) end`

  it('does what its README shows, which is short', async () => {
    await start()
    const { steps } = pageOf(readme, '')
    expect(steps.length).toBeGreaterThan(4)
    const session = erl.session()
    for (const step of steps) {
      if (step.kind !== 'shell') throw new Error('the README has a module')
      const answer = await session.eval(step.expression)
      // The hash itself is another each time.
      expect(answer.replace(/\s/g, '')).toBe(step.answer.trim().replace(/\s/g, ''))
    }
    expect(readme.split('\n').length).toBeLessThanOrEqual(61)
  })

  it('refuses what is too much, and does not serve who has given up', async () => {
    await start(slow)
    const session = erl.session()
    await session.eval(`${ask}, First = Ask(<<"a">>), ok`)
    await session.eval(until('running'))
    // Waits for its turn, and is over before that comes.
    const late = `try erpc:call(${worker}, passwords, hash, [<<"b">>], 100) catch error:{erpc, R} -> R end`
    expect(await session.eval(late)).toBe('timeout')
    await session.eval(until('abandoned'))
    await session.eval(`Second = Ask(<<"c">>), Third = Ask(<<"d">>), ok`)
    const third = `try erpc:receive_response(Third) catch error:{exception, Why, _} -> Why end`
    expect(await session.eval(third)).toBe('busy')
    expect(await session.eval('byte_size(erpc:receive_response(First))', patienceMs)).toBe('97')
    expect(await session.eval('byte_size(erpc:receive_response(Second))', patienceMs)).toBe('97')
    expect(
      await session.eval(`[${stats('served')}, ${stats('refused')}, ${stats('abandoned')}]`),
    ).toBe('[2,1,1]')
  })

  it('serves what it has taken when it is told to end, and nothing more', async () => {
    await start(slow)
    const session = erl.session()
    await session.eval(`${ask}, First = Ask(<<"a">>), Second = Ask(<<"b">>), ok`)
    await session.eval(until('waiting'))
    program.child.kill('SIGTERM')
    const refused = `fun Try() ->
      case catch erpc:receive_response(Ask(<<"c">>)) of
        {'EXIT', {{exception, stopping, _}, _}} -> stopping;
        _ -> Try()
      end
    end()`
    expect(await session.eval(refused)).toBe('stopping')
    expect(await session.eval('byte_size(erpc:receive_response(First))', patienceMs)).toBe('97')
    expect(await session.eval('byte_size(erpc:receive_response(Second))', patienceMs)).toBe('97')
    expect(await program.ended()).toBe(0)
    expect(program.printed).toContain('stopped; served 2')
  })
})
