import type { FetchOutcome, FetchRequest, FetchSection } from 'beamlink/freeswitch'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { ErlSession } from '../helpers/erl-node.js'
import { callTools } from '../helpers/freeswitch/call-tools.js'
import { HostBench } from '../helpers/freeswitch/host-bench.js'
import { withDeadline } from '../helpers/waiting.js'

const section = '<section name=\\"directory\\"><domain name=\\"example.com\\"/></section>'
const document = `<document type=\\"freeswitch/xml\\">${section}</document>`
const notFound =
  '<document type=\\"freeswitch/xml\\"><section name=\\"result\\"><result status=\\"not found\\"/></section></document>'
const question = { tag: 'domain', key: 'name', value: 'example.com' }

describe('XML lookups of an event host', () => {
  let bench: HostBench
  let session: ErlSession

  const fetch = (
    request: FetchRequest = question,
    of: FetchSection = 'directory',
  ): Promise<FetchOutcome> => withDeadline(bench.host.fetchOutcome(of, request), 'a fetch')
  const bindings = async () => (await bench.host.run('erlang', 'bindings')).output

  beforeAll(async () => {
    bench = await HostBench.start({ fetchTimeoutMs: 1500 })
    await bench.erl.load(callTools)
  })
  afterAll(() => bench.stop())
  beforeEach(() => {
    session = bench.session()
  })
  // A session stays: its bindings go with an exit signal.
  afterEach(() =>
    session.eval('(fun() -> {ok, Fs} = fs:ask(getpid), exit(Fs, over) end)(), fs:ask(getpid)'),
  )

  it('refuses what cannot be looked up', async () => {
    const { host } = bench
    await expect(host.fetch('phrases' as never)).rejects.toThrow(/section must be one of/)
    await expect(host.fetch('directory', { tag: 5 } as never)).rejects.toThrow(/tag must be/)
    await expect(host.fetch('directory', { params: 5 } as never)).rejects.toThrow(/params/)
    await expect(host.fetch('directory', { parms: {} } as never)).rejects.toThrow(/"params"/)
    expect(await host.fetch('directory', question)).toBeUndefined()
    expect(await fetch()).toEqual({ kind: 'nothing', reason: 'unbound' })
  })

  it.each([
    ['{bind}', '{error,badarg}'],
    ['{bind, "directory"}', '{error,badarg}'],
    ["{bind, ''}", '{error,badarg}'],
    ['{bind, phrases}', '{error,badarg}'],
    ['{bind, result}', '{error,badarg}'],
    ['{bind, nosuch}', '{error,badarg}'],
    ['{fetch_reply}', '{error,invalid_uuid}'],
    ['{fetch_reply, foo, "x"}', '{error,badarg}'],
    ['{fetch_reply, {a}, "x"}', '{error,badarg}'],
    ['{fetch_reply, 5, "x"}', '{error,invalid_uuid}'],
    ['{fetch_reply, [], "x"}', '{error,invalid_uuid}'],
    ['{fetch_reply, "no-such-id", "x"}', '{error,invalid_uuid}'],
    ['{fetch_reply, "no-such-id"}', '{error,invalid_uuid}'],
  ])('answers %s with %s', async (message, answer) => {
    expect(await session.eval(`fs:ask(${message})`)).toBe(answer)
  })

  it('knows sections by words in any case, and lists the bindings in their order', async () => {
    const words = ['configuration', 'config', 'DIRECTORY', 'xdialplanx', 'languages', 'chatplan']
    expect(await bindings()).toBe('No bindings\n')
    await session.eval(`H = fs:handler(), Bind = fun(Section) -> fs:at(H, fun() -> fs:ask({bind, Section}) end) end,
      [ok = Bind(list_to_atom(S)) || S <- string:lexemes("${words.join(' ')} channels languages,chatplan", " ")],
      ok = fs:at(H, fun() -> fs:ask({bind, directory, more}) end)`)
    const labels =
      'config config directory dialplan phrases chatplan,unknown 32,unknown 24,directory'
    const lines = labels.split(',').flatMap((part, i) => (i === 0 ? part.split(' ') : [part]))
    expect(await bindings()).toBe(lines.map((label) => `${bench.erl.name} ${label}\n`).join(''))
    expect(await session.eval('length(element(2, process_info(H, links)))')).toBe('1')
    await session.eval('fs:stop(H), fs:ask(getpid)')
    expect(await bindings()).toBe('No bindings\n')
  })

  it('asks with the words of FreeSWITCH, and takes the answer', async () => {
    await session.eval('ok = fs:ask({bind, directory})')
    const found = bench.host.fetch('directory', {
      ...question,
      params: { user: '1000' },
      uuid: 'a-call',
      source: { file: 'f.c', func: 'f', line: 1 },
    })
    expect(
      await session.eval(
        '{fetch, Section, Tag, Key, Value, Id, [Call | Pairs]} = fs:next(), {Section, Tag, Key, Value, length(Id), Call, hd(Pairs), lists:nthtail(length(Pairs) - 2, Pairs)}',
      ),
    ).toBe(
      '{directory,"domain","name","example.com",36,"a-call",{"Event-Name","REQUEST_PARAMS"},[{"Unique-ID","a-call"},{"user","1000"}]}',
    )
    expect(await session.eval(`fs:ask({fetch_reply, Id, "${document}"}) =:= {ok, Id}`)).toBe('true')
    expect(await found).toBe(document.replaceAll('\\', ''))
    expect(await session.eval(`fs:ask({fetch_reply, Id, "${document}"})`)).toBe(
      '{error,invalid_uuid}',
    )
  })

  it('asks without parameters when there are none, and says what is missing', async () => {
    await session.eval('ok = fs:ask({bind, configuration})')
    const outcome = fetch({}, 'configuration')
    expect(await session.eval('{fetch, S, T, K, V, Id, P} = fs:next(), {S, T, K, V, P}')).toBe(
      '{configuration,"undefined","undefined","undefined",[]}',
    )
    await session.eval('fs:ask({fetch_reply, Id})')
    expect(await outcome).toMatchObject({ reason: 'empty' })
  })

  it.each([
    ['[]', 'empty'],
    ['<<>>', 'empty'],
    ['5', 'empty'],
    ['undefined', 'notText'],
    ['[1046 | "<a/>"]', 'notText'],
    ['"<a/>" ++ lists:duplicate(65536, $\\s)', 'notText'],
    ['<<255, 254>>', 'notText'],
    ['"this is not xml"', 'malformed'],
    ['"<a><b></a>"', 'malformed'],
    ['[<<"<a/>">>]', 'notText'],
    [`"${notFound}"`, 'notFound'],
  ])('finds nothing in the answer %s', async (answer, reason) => {
    await session.eval('ok = fs:ask({bind, directory})')
    const outcome = fetch()
    const reply = `{fetch, _, _, _, _, Id, _} = fs:next(), fs:ask({fetch_reply, Id, ${answer}}) =:= {ok, Id}`
    expect(await session.eval(reply)).toBe('true')
    expect(await outcome).toMatchObject({ kind: 'nothing', reason })
  })

  it('says where an answer is no XML, and who gave it', async () => {
    await session.eval('ok = fs:ask({bind, directory})')
    const outcome = fetch()
    await session.eval(
      `{fetch, _, _, _, _, Id, _} = fs:next(), fs:ask({fetch_reply, Id, "<a>\\n<b></a>"})`,
    )
    expect(await outcome).toMatchObject({
      detail: expect.stringMatching(/Unexpected close tag in line 2/),
      from: { node: { name: bench.erl.name } },
    })
  })

  it('takes a binary of any size, and the id as the other type', async () => {
    await session.eval('ok = fs:ask({bind, directory})')
    const outcome = fetch()
    await session.eval(
      `{fetch, _, _, _, _, Id, _} = fs:next(), fs:ask({fetch_reply, list_to_binary(Id), iolist_to_binary(["<a>", lists:duplicate(200000, $x), "</a>"])})`,
    )
    expect(await outcome).toMatchObject({ kind: 'found' })
  })

  it('asks every binding in order, and takes the first answer of anybody', async () => {
    await session.eval(`[A, B] = [fs:handler(), fs:handler()],
      Bind = fun(P) -> ok = fs:at(P, fun() -> fs:ask({bind, directory}) end) end, Bind(A), Bind(B), Bind(A)`)
    const outcome = fetch()
    expect(
      await session.eval(
        'Asked = calls:take(3), {fetch, _, _, _, _, Id, _} = element(2, hd(Asked)), {length(Asked), length(lists:usort([M || {_, M} <- Asked])), length([1 || {P, _} <- Asked, P =:= A])}',
      ),
    ).toBe('{3,1,2}')
    expect(await session.eval(`fs:ask({fetch_reply, Id, "<first/>"}) =:= {ok, Id}`)).toBe('true')
    expect(await session.eval(`fs:ask({fetch_reply, Id, "<second/>"})`)).toBe(
      '{error,invalid_uuid}',
    )
    expect(await outcome).toMatchObject({ xml: '<first/>' })
    await session.eval('fs:stop(A), fs:stop(B)')
  })

  it('gives up in time, and earlier when all who were asked have ended', async () => {
    await session.eval('H = fs:handler(), ok = fs:at(H, fun() -> fs:ask({bind, directory}) end)')
    expect(await fetch()).toEqual({ kind: 'nothing', reason: 'timeout' })
    expect(
      await session.eval(
        '{H, {fetch, _, _, _, _, Id, _}} = fs:next(), fs:ask({fetch_reply, Id, "<a/>"})',
      ),
    ).toBe('{error,invalid_uuid}')
    const outcome = fetch()
    await session.eval('{H, {fetch, _, _, _, _, _, _}} = fs:next(), fs:stop(H)')
    expect(await outcome).toEqual({ kind: 'nothing', reason: 'gone' })
  })

  it('forgets the bindings of a node that is lost', async () => {
    const other = await bench.another()
    try {
      const there = other.session()
      await there.eval('ok = fs:ask({bind, dialplan})')
      expect(await bindings()).toBe(`${other.name} dialplan\n`)
      const outcome = fetch({}, 'dialplan')
      await there.eval('{fetch, dialplan, _, _, _, _, _} = fs:next()')
      await bench.node.disconnect(other.name)
      expect(await outcome).toEqual({ kind: 'nothing', reason: 'gone' })
      expect(await bindings()).toBe('No bindings\n')
    } finally {
      await other.stop()
    }
  })

  it('takes an answer while a command of the same node waits for it', async () => {
    bench.host.api('locate', async () => (await bench.host.fetch('directory')) ?? 'nothing')
    await session.eval('ok = fs:ask({bind, directory}), fs:send({api, locate, ""})')
    expect(
      await session.eval(
        `{fetch, _, _, _, _, Id, _} = fs:next(), fs:send({fetch_reply, Id, "<a/>"}), lists:sort([fs:next(), fs:next()]) =:= lists:sort([{ok, Id}, {ok, "<a/>"}])`,
      ),
    ).toBe('true')
  })

  it('writes texts as binaries when it is told to', async () => {
    const binary = await HostBench.start({ encoding: 'binary' })
    try {
      const own = binary.session()
      await own.eval('ok = fs:ask({bind, directory})')
      const found = binary.host.fetch('directory', { ...question, params: { a: 'b' } })
      expect(
        await own.eval(
          '{fetch, directory, T, _, _, Id, [U | P]} = fs:next(), {T, is_binary(Id), U, lists:last(P), fs:ask({fetch_reply, binary_to_list(Id), <<"<a/>">>}) =:= {ok, Id}}',
        ),
      ).toBe('{<<"domain">>,true,undefined,{<<"a">>,<<"b">>},true}')
      expect(await found).toBe('<a/>')
    } finally {
      await binary.stop()
    }
  })

  it('tells those who wait when the host is closed', async () => {
    const closing = await HostBench.start()
    try {
      await closing.session().eval('ok = fs:ask({bind, directory})')
      const outcome = closing.host.fetchOutcome('directory')
      closing.host.close()
      expect(await outcome).toEqual({ kind: 'nothing', reason: 'closed' })
    } finally {
      await closing.stop()
    }
  })
})
