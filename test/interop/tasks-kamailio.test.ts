import { ErlangNode } from 'beamlink'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ErlNode, testCookie } from '../helpers/erl-node.js'
import { noKamailio, SipProxy } from '../helpers/kamailio/sip-proxy.js'
import { uniqueAlive, uniqueName } from '../helpers/names.js'
import { type ObservedTasks, observedTasks, onDemand, stopAllTasks } from '../helpers/tasks.js'

const modules = `
loadmodule "evrexec.so"
modparam("evrexec", "exec", "name=evrexec:start;wait=1000;workers=2;")
modparam("evrexec", "exec", "NAME=evrexec:undefined;WORKERS=1")
`
const script = `
route[TEST] { sl_send_reply("200", "OK"); }
event_route[evrexec:start] { xlog("L_NOTICE", "evrexec:start data is <$evr(data)>\\n"); }
event_route[evrexec:test] { xlog("L_NOTICE", "evrexec:test data is <$evr(data)>\\n"); }
`

describe.skipIf(noKamailio !== undefined)(`evrexec of a real Kamailio ${noKamailio ?? ''}`, () => {
  let erl: ErlNode
  let proxy: SipProxy
  let node: ErlangNode
  let observed: ObservedTasks

  beforeAll(async () => {
    erl = await ErlNode.start()
    const { epmdPort, name: erlangNode } = erl
    const alive = uniqueAlive('proxy')
    const cookie = testCookie
    proxy = await SipProxy.start({ epmdPort, cookie, erlangNode, alive, script, modules })
    const epmd = { host: '127.0.0.1', port: epmdPort }
    node = await ErlangNode.start({ name: uniqueName('tasks'), cookie, epmd })
    observed = observedTasks({ node })
    observed.tasks.define('name=evrexec:start;wait=1000;workers=2;', { run: './jobs.mjs#once' })
    observed.tasks.define('NAME=evrexec:undefined;WORKERS=1', { restart: 'never' })
    observed.define('evrexec:test', onDemand)
    await observed.tasks.start()
  }, 60_000)
  afterAll(async () => {
    await stopAllTasks()
    await node?.stop()
    await proxy?.stop()
    await erl?.stop()
  })

  /** One expression for both, with a tag that is a plain reference: Kamailio can read no other. */
  const ask = (at: string, args: string, module = 'evrexec') =>
    erl.eval(`
      Tag = make_ref(),
      {rex, '${at}'} ! {'$gen_call', {self(), Tag}, {call, ${module}, run, ${args}, group_leader()}},
      receive {Tag, Value} -> Value after 5000 -> timeout end`)
  const both = async (args: string, module?: string) => ({
    kamailio: await ask(proxy.name, args, module),
    beamlink: await ask(node.name, args, module),
  })

  it.each([
    ['no parameter', '[]'],
    ['a name that nobody has', '["evrexec:nope"]'],
    ['a name that nobody has, with data', '["evrexec:nope", "mydata"]'],
    ['a name', '["evrexec:test"]'],
    ['a name and data', '["evrexec:test", "mydata"]'],
    ['the name of a task that runs since the start', '["evrexec:start", "again"]'],
    ['a name that is defined, with nothing behind it', '["evrexec:undefined"]'],
    ['a name as binary', '[<<"evrexec:test">>]'],
    ['three parameters', '["evrexec:test", "mydata", "more"]'],
  ])('%s: has the same outcome', async (_, args) => {
    const { kamailio, beamlink } = await both(args)
    expect(beamlink).toBe(kamailio)
  })

  const invalid = '{[{code,500},{<<"error">>,<<"Invalid parameters">>}]}'
  const notConverted = (parameter: number) =>
    `{[{code,400},{<<"error">>,<<"Can't convert to string parameter #${parameter}.">>}]}`

  // Its module `erlang` refuses these before evrexec sees them, each in a way of its own.
  it.each([
    ['a name that is a tuple', '[{evrexec, test}]', notConverted(0), invalid],
    ['an empty name', '[""]', notConverted(0), invalid],
    ['a name that is a number', '[42]', '{badarith,"Expected list of parameters."}', invalid],
    [
      'data that is a number',
      '["evrexec:test", 42]',
      '{[{code,400},{<<"error">>,<<"Bad type of parameter #2">>}]}',
      invalid,
    ],
    ['empty data', '["evrexec:test", ""]', notConverted(2), 'ok'],
    ['a name as atom', "['evrexec:test']", notConverted(0), 'ok'],
  ])('%s: has an outcome of ours', async (_, args, kamailio, beamlink) => {
    expect(await both(args)).toEqual({ kamailio, beamlink })
  })

  it('does not answer to the spelling of its document, and ours does', async () => {
    expect(await both('["evrexec:test"]', 'evroute')).toEqual({
      kamailio: '{badrpc,"Method Not Found"}',
      beamlink: 'ok',
    })
  })

  it('runs a task once in each of its workers at the start, without data', async () => {
    await proxy.printed(/(evrexec:start data is <<null>>[\s\S]*){2}/)
    expect(observed.tasks.list()[0]).toMatchObject({ name: 'evrexec:start', workers: [{}, {}] })
    expect(proxy.output.match(/evrexec:start data is <<null>>/g)).toHaveLength(2)
  })

  it('hands the data over', async () => {
    await both('["evrexec:test", "handed over"]')
    await proxy.printed(/evrexec:test data is <handed over>/)
    for (;;) {
      const line = await observed.lines.next()
      if (line === 'evrexec:test[]: argument handed over index undefined') break
    }
  })
})
