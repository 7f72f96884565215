import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readCookie } from '../../lib/freeswitch/host/config/cookie-file.js'
import { readConf } from '../../lib/freeswitch/host/config/read-conf.js'
import { resolveListenSettings } from '../../lib/freeswitch/host/config/settings.js'
import { blocksOf } from '../helpers/page-blocks.js'
import { root } from '../helpers/rings.js'

function conf(...params: (readonly [string, string])[]): string {
  const lines = params.map(([name, value]) => `<param name="${name}" value="${value}"/>`)
  return `<configuration name="erlang_event.conf" description="Erlang Socket Client">
    <settings>${lines.join('\n')}<!-- <param name="nodename" value="no"/> --></settings>
  </configuration>`
}

describe('erlang_event.conf.xml', () => {
  let folder: string
  const file = (name: string, text: string, mode: number): string => {
    const full = path.join(folder, name)
    writeFileSync(full, text)
    chmodSync(full, mode)
    return full
  }

  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'beamlink-'))
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  it('is refused when it is no XML, or another configuration', () => {
    expect(() => readConf('<configuration')).toThrow(SyntaxError)
    expect(() => readConf(conf().replace('erlang_event', 'event_socket'))).toThrow(
      /erlang_event\.conf/,
    )
  })

  it('is understood as the guide shows it', () => {
    const guide = readFileSync(path.join(root, 'docs/freeswitch.md'), 'utf8')
    const [shown] = blocksOf(guide).filter(({ language }) => language === 'xml')
    const { settings, warnings } = readConf(shown?.text ?? '')
    expect(warnings).toEqual([])
    expect(settings).toMatchObject({
      nodename: 'freeswitch',
      cookie: 'ClueCon',
      encoding: 'string',
    })
  })

  it.each([
    ['listen-port', 'eighty'],
    ['listen-port', '70000'],
    ['listen-ip', ''],
    ['encoding', 'utf8'],
    ['compat-rel', '3'],
    ['max-event-bulk', '0'],
    ['max-log-bulk', '-1'],
    ['cookie-file', '/nowhere/at/all'],
    ['nodname', 'x'],
    ['toString', 'x'],
  ])('has %s="%s" ignored and told', (name, value) => {
    const { settings, warnings } = readConf(conf([name, value]))
    expect(settings).toEqual({})
    expect(warnings).toEqual([expect.stringContaining(name)])
  })

  it("tells of what FreeSWITCH's preprocessor would have replaced", () => {
    const text = conf(['cookie', '$${secret}'])
    const { settings, warnings } = readConf(
      text.replace('<settings>', '<settings><X-PRE-PROCESS/>'),
    )
    expect(settings).toEqual({ cookie: '$${secret}' })
    expect(warnings).toEqual([
      'X-PRE-PROCESS is passed over',
      'cookie is taken as it stands: "$${secret}"',
    ])
  })

  it('gives every setting by its name', () => {
    const { settings, warnings } = readConf(
      conf(
        ['listen-ip', '127.0.0.1'],
        ['listen-port', '9000'],
        ['nodename', 'sw'],
        ['shortname', 'no'],
        ['cookie', 'secret'],
        ['encoding', 'Binary'],
        ['compat-rel', '12'],
        ['apply-inbound-acl', 'rfc1918.auto'],
        ['apply-inbound-acl', 'lan'],
        ['max-event-bulk', '5'],
        ['max-log-bulk', '6'],
        ['stop-on-bind-error', 'true'],
      ),
    )
    expect(warnings).toEqual([])
    expect(settings).toEqual({
      listenIp: '127.0.0.1',
      listenPort: 9000,
      nodename: 'sw',
      shortname: false,
      cookie: 'secret',
      encoding: 'binary',
      compatRel: 12,
      applyInboundAcl: ['rfc1918.auto', 'lan'],
      maxEventBulk: 5,
      maxLogBulk: 6,
      stopOnBindError: true,
    })
  })

  it('takes no more than a hundred ACLs', () => {
    const many = Array.from({ length: 102 }, (_, at) => ['apply-inbound-acl', `l${at}`] as const)
    const { settings, warnings } = readConf(conf(...many))
    expect(settings.applyInboundAcl).toHaveLength(100)
    expect(warnings).toHaveLength(2)
  })

  it('takes the later of cookie and cookie-file', () => {
    const secret = file('secret', 'from-file\nsecond line\n', 0o400)
    const read = (...params: (readonly [string, string])[]) =>
      readConf(conf(...params)).settings.cookie
    expect(read(['cookie', 'first'], ['cookie-file', secret])).toBe('from-file')
    expect(read(['cookie-file', secret], ['cookie', 'last'])).toBe('last')
  })

  it.each([
    ['open', 'x', 0o440, /mode 0440/],
    ['empty', '', 0o400, /empty/],
    ['long', 'x'.repeat(256), 0o400, /longer than 255/],
  ] as const)('does not read a cookie file that is %s', (name, text, mode, problem) => {
    expect(readCookie(file(name, text, mode)).problem).toMatch(problem)
    expect(readCookie(folder).problem).toMatch(/no file/)
  })

  it('gives the lists of an acl.conf in the same document', () => {
    const acl = `<configuration name="acl.conf"><network-lists>
      <list name="lan" default="allow"><node type="deny" cidr="10.0.0.0/8"/><node type="allow" cidr="10.1.0.0/16"/></list>
      <list name="bad" default="allow"><node type="allow" cidr="10.0.0/8"/></list>
    </network-lists></configuration>`
    const { settings, warnings } = readConf(
      `<document><section>${conf()}${acl}</section></document>`,
    )
    expect(settings.acls).toEqual({
      lan: { default: 'allow', deny: ['10.0.0.0/8'], allow: ['10.1.0.0/16'] },
      bad: { default: 'deny' },
    })
    expect(warnings).toEqual([expect.stringContaining('the list denies all')])
  })
})

describe('the settings of a program', () => {
  it.each([
    [{ listenPort: 70_000 }, RangeError],
    [{ listenPort: '8031' }, TypeError],
    [{ nodename: '' }, RangeError],
    [{ shortname: 'true' }, TypeError],
    [{ compatRel: 3 }, RangeError],
    [{ cookie: 'a', cookieFile: 'b' }, TypeError],
    [{ lisenIp: '::' }, TypeError],
    [{ warn: 'x' }, TypeError],
    [{ node: 'fs@127.0.0.1' }, TypeError],
  ])('are refused as %j', (options, kind) => {
    expect(() => resolveListenSettings(options as never)).toThrow(kind)
  })

  it('have the defaults of FreeSWITCH', () => {
    expect(resolveListenSettings({})).toMatchObject({
      listenIp: '0.0.0.0',
      listenPort: 8031,
      nodename: 'freeswitch',
      shortname: true,
      stopOnBindError: false,
    })
  })
})
