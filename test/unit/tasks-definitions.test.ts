import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { resolveDefinition, type TaskDefinition } from '../../lib/tasks/definition/definition.js'
import { readDefinitionFile } from '../../lib/tasks/definition/definition-file.js'
import { parseExec } from '../../lib/tasks/definition/exec-string.js'
import { Tasks } from '../../lib/tasks/index.js'

const defaults = { base: '/srv', script: './jobs.mjs' }
const resolved = (fields: Record<string, unknown>) =>
  resolveDefinition({ name: 'evrexec:timer', ...fields } as TaskDefinition, defaults)

describe('the string form of a definition', () => {
  it.each([
    ['', 'is empty'],
    [';', 'has a part without a key'],
    ['wait=1000', 'has no name'],
    ['name=', 'has no value for name'],
    ['name=a;wait=', 'has no value for wait'],
    ['name=a;wait', 'has no value for wait'],
    ['name=a;;wait=1', 'has a part without a key'],
    ['name=a;name=b', 'has name twice'],
    ['name=a;wait=soon', 'must have an integer from 0 to 4294967295 for wait, not "soon"'],
    ['name=a;wait=-1', 'for wait, not "-1"'],
    ['name=a;wait=1.5', 'for wait, not "1.5"'],
    ['name=a;workers=4294967296', 'for workers, not "4294967296"'],
    ['nme=a', 'unknown option "nme" of the definition "nme=a"; did you mean "name"?'],
    ['name=a;color=red', 'unknown option "color"'],
  ])('%j is refused', (definition, why) => {
    expect(() => parseExec(definition)).toThrow(TypeError)
    expect(() => parseExec(definition)).toThrow(why)
  })

  it.each([
    ['name=evrexec:timer;wait=1000;workers=1;', { waitUs: 1_000, workers: 1 }],
    ['NAME=evrexec:timer;Wait=1000;WORKERS=3', { waitUs: 1_000, workers: 3 }],
    ['workers=0 ; wait = 5 ; name = evrexec:timer', { waitUs: 5, workers: 0 }],
    ['name="evrexec:timer";wait=\'7\'', { waitUs: 7 }],
    ['name=evrexec:timer;wait=0;wait=8;wait=9', { waitUs: 8 }],
    ['name=evrexec:timer;sockaddr=udp:127.0.0.1:5099', { sockaddr: 'udp:127.0.0.1:5099' }],
  ])('%s is read', (definition, fields) => {
    expect(parseExec(definition)).toEqual({ name: 'evrexec:timer', ...fields })
  })
})

describe('a definition', () => {
  it.each([
    [{ name: '' }, 'name must be a string that is not empty'],
    [{ name: 42 }, 'name must be a string'],
    [{ nme: 'x' }, 'task "evrexec:timer": unknown option "nme" of define; did you mean "name"?'],
    [{ waitUs: -1 }, 'waitUs must be an integer from 0'],
    [{ waitMs: Number.NaN }, 'waitMs must be a number ≥ 0'],
    [{ waitMs: 2 ** 31 }, 'waitMs must be at most 2147483647'],
    [{ waitUs: 2 ** 45 }, 'waitUs must be an integer from 0 to 2147483647000'],
    [{ waitUs: 1, waitMs: 1 }, 'waitMs must be left out where waitUs is given'],
    [{ workers: 1.5 }, 'workers must be an integer from 0 to 1024'],
    [{ workers: '2' }, 'workers must be an integer'],
    [{ startup: 'no' }, 'startup must be a boolean'],
    [{ run: 42 }, "run must be a module such as './jobs.mjs#timer'"],
    [{ run: '' }, 'run must be a module'],
    [{ run: './jobs.mjs#' }, 'the export after # in run must be a string that is not empty'],
    [{ run: { module: './a.mjs', exprt: 'b' } }, 'unknown option "exprt" of run'],
    [{ run: new URL('https://localhost/a.mjs') }, 'run must be a file: URL'],
    [{ sockaddr: 'tcp:127.0.0.1:5' }, 'sockaddr must be of the form udp:host:port'],
    [{ sockaddr: 'udp:127.0.0.1' }, 'sockaddr must be of the form udp:host:port'],
    [{ sockaddr: 'udp:::1:5' }, 'sockaddr must be of the form udp:host:port'],
    [{ sockaddr: 'udp:127.0.0.1:65536' }, 'sockaddr must be udp:host:port with a port ≤ 65535'],
    [{ maxDatagrams: 5 }, 'maxDatagrams must be given together with sockaddr'],
    [{ restart: 'sometimes' }, "restart.when must be one of 'never', 'onFailure', 'always'"],
    [{ restart: { minMs: 5, maxMs: 1 } }, 'restart.maxMs must be from minMs'],
    [{ restart: { restarts: -1 } }, 'restart.restarts must be an integer from 0'],
    [{ restart: { retries: 1 } }, 'unknown option "retries" of restart'],
    [{ schedule: 'whenever' }, 'schedule must be a cron pattern ('],
    [{ schedule: '61 * * * *' }, 'schedule must be a cron pattern ('],
    [{ schedule: { pattern: '* * * * *', timezone: 'Mars/North' } }, 'schedule must be a cron'],
    [{ schedule: '* * * * *', workers: 2 }, 'workers must be left out of a task with a schedule'],
    [{ maxConcurrent: 0 }, 'maxConcurrent must be an integer from 1'],
    [{ timeoutMs: -1 }, 'timeoutMs must be a number ≥ 0'],
    [{ node: { cookie: 'x' } }, 'node.name must be a string'],
    [{ node: { name: 'a@b', log() {} } }, 'node must be options that can be copied ('],
    [{ resourceLimits: { maxHeap: 5 } }, 'unknown option "maxHeap" of resourceLimits'],
    [{ resourceLimits: { stackSizeMb: 0 } }, 'stackSizeMb must be a number of MiB above 0'],
    [
      { resourceLimits: { maxOldGenerationSizeMb: 1 } },
      'maxOldGenerationSizeMb must be at least 4 MiB',
    ],
  ])('%j is refused', (fields, why) => {
    expect(() => resolved(fields)).toThrow(why)
  })

  it('waits in microseconds or milliseconds, and has one worker where 0 are named', () => {
    expect(resolved({ waitUs: 1_500, workers: 0 })).toMatchObject({ waitMs: 1.5, workers: 1 })
    expect(resolved({ waitMs: 250, workers: 3 })).toMatchObject({ waitMs: 250, workers: 3 })
  })

  it('finds its function in the script by its name, or by what follows the colon', () => {
    const exports = ['evrexec:timer', 'timer']
    expect(resolved({}).target).toEqual({ module: 'file:///srv/jobs.mjs', exports })
    expect(resolved({ run: './other.mjs' }).target).toEqual({
      module: 'file:///srv/other.mjs',
      exports,
    })
  })

  it.each([
    './jobs.mjs#tick',
    '/srv/jobs.mjs#tick',
    'file:///srv/jobs.mjs#tick',
    new URL('file:///srv/jobs.mjs#tick'),
    { module: './jobs.mjs', export: 'tick' },
    { module: pathToFileURL('/srv/jobs.mjs'), export: 'tick' },
  ])('%j names module and export', (run) => {
    expect(resolved({ run }).target).toEqual({ module: 'file:///srv/jobs.mjs', exports: ['tick'] })
  })

  it('reads an address, of IPv6 in brackets; a socket has one worker', () => {
    expect(resolved({ sockaddr: 'udp:127.0.0.1:5099', workers: 4 })).toMatchObject({
      workers: 1,
      address: { host: '127.0.0.1', port: 5099, isV6: false },
    })
    expect(resolved({ sockaddr: 'udp:[::1]:0' }).address).toMatchObject({ host: '::1', isV6: true })
  })
})

describe('definitions in a file', () => {
  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'tasks-'))
  })
  afterAll(() => rmSync(folder, { recursive: true }))
  const file = (text: string) => {
    const name = path.join(folder, 'tasks.json')
    writeFileSync(name, text)
    return name
  }

  it.each([
    ['{', 'holds no JSON'],
    ['42', 'must be an array of tasks or { tasks, script }'],
    ['{"task": []}', 'unknown option "task"'],
    ['{"tasks": {}}', 'must be an array'],
    ['[42]', 'task 0 of'],
    ['["name=a", "nme=b"]', 'unknown option "nme"'],
  ])('%s is refused with the name of the file', (text, why) => {
    expect(() => readDefinitionFile(file(text))).toThrow(why)
  })

  it('are all taken, or none', () => {
    const tasks = new Tasks({ base: folder, script: './jobs.mjs' })
    expect(() => tasks.load(file('["name=a", {"name": "b", "workers": -1}]'))).toThrow(
      'tasks.json: task "b": workers must be',
    )
    expect(tasks.list()).toEqual([])
    for (const [text, why] of [
      ['["name=a", "wait=1"]', /^task 1 of .*\.json: definition "wait=1" has no name$/],
      ['[{}]', /^name of task 0 of .*\.json must be a string, got undefined$/],
      ['[[]]', /^task 0 of .*\.json must be an object or a string/],
    ] as const) {
      expect(() => tasks.load(file(text))).toThrow(why)
    }
    expect(() => tasks.load(path.join(folder, 'absent.json'))).toThrow('ENOENT')
  })

  it('are objects and strings, with a script beside them', () => {
    const text =
      '{"script": "./jobs.mjs", "tasks": ["name=a;workers=2", {"name": "b", "waitMs": 5}]}'
    const tasks = new Tasks().load(pathToFileURL(file(text)))
    expect(tasks.list().map(({ name, workers }) => [name, workers.length])).toEqual([
      ['a', 2],
      ['b', 1],
    ])
  })
})

describe('Tasks', () => {
  it.each([
    [{ nod: {} }, 'unknown option "nod" of Tasks; did you mean "node"?'],
    [{ node: {} }, 'node must be an ErlangNode'],
    [{ startOrder: 'random' }, "startOrder must be one of 'declared', 'reverse'"],
    [{ graceMs: -1 }, 'graceMs must be a number ≥ 0'],
    [{ runs: { workers: 0 } }, 'runs.workers must be an integer from 1'],
    [{ runs: { warm: 3 } }, 'runs.warm must be an integer from 0 to 2'],
    [{ log: 'file' }, 'log must be a function'],
    [{ signal: 'stop' }, 'signal must be an AbortSignal'],
    [{ expose: { exposeTo: ['a@b'], decode: {} } }, 'unknown option "decode" of expose'],
  ])('refuses %j', (options, why) => {
    expect(() => new Tasks(options as never)).toThrow(why)
  })

  it('refuses a name that is taken, and a task without a module', () => {
    const tasks = new Tasks()
    expect(() => tasks.define('name=a')).toThrow('task "a": run must be a module')
    tasks.define('name=a', { run: './jobs.mjs' })
    expect(() => tasks.define({ name: 'a', run: './jobs.mjs' })).toThrow(
      'name must be one that no other task has, got "a"',
    )
  })
})
