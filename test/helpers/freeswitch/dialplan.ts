import type { EventHost } from 'beamlink/freeswitch'
import type { Channel } from './channel.js'
import { origins } from './switch-origins.js'
import { elementsOf, readXml } from './xml.js'

/** One application of a dialplan. */
export interface Action {
  readonly application: string
  readonly argument: string
}

const answer: Action = { application: 'answer', argument: '' }

function run(application: string, argument = ''): Action {
  return { application, argument }
}

/** What comes after the application `erlang` shows whether the dialplan went on. */
function erlang(target: string): Action[] {
  return [answer, run('erlang', target), run('set', 'after_erlang=yes'), run('hangup', 'USER_BUSY')]
}

const node = 'drv@127.0.0.1'

/** The static dialplan, by extension. */
const extensions: Readonly<Record<string, readonly Action[]>> = {
  park: [answer, run('park')],
  play: [answer, run('playback', 'tone_stream://%(300,50,440)'), run('hangup', 'NORMAL_CLEARING')],
  reg: erlang(`handler ${node}`),
  regnone: erlang(`nobody_here ${node}`),
  oneword: erlang('handler'),
  colons: erlang(`a:b:c ${node} extra words`),
  nonode: erlang('handler nosuch@127.0.0.1'),
  getpid: erlang(`handler:! ${node}`),
  getpidnone: erlang(`nobody_here:! ${node}`),
  rpc: erlang(`fsdrv:newcall ${node}`),
  rpcbad: erlang(`fsdrv:nosuchfun ${node}`),
  smsg: [answer, run('erlang_sendmsg', `raw ${node} hello there world`), run('hangup', '')],
  smsg2: [answer, run('erlang_sendmsg', `raw ${node}`), run('hangup', '')],
}

/** The applications for where a channel is sent: as bound handlers say, else the static ones. */
export async function actionsFor(host: EventHost, channel: Channel): Promise<readonly Action[]> {
  const { destination, context } = channel
  const xml = await host.fetch('dialplan', {
    params: [...channel.basics, ...channel.variables, ...channel.profile('Hunt')],
    uuid: channel.uuid,
    source: origins.dialplan,
  })
  const found = xml === undefined ? undefined : readDialplan(xml, destination, context)
  return found ?? extensions[destination] ?? [run('hangup', 'NO_ROUTE_DESTINATION')]
}

/** Undefined when the document has nothing for that extension. */
function readDialplan(xml: string, destination: string, context: string): Action[] | undefined {
  const contexts = elementsOf(readXml(xml), 'context')
  const meant = contexts.find(({ attributes }) => attributes.name === context)
  const conditions = meant === undefined ? [] : elementsOf(meant, 'condition')
  const condition = conditions.find(({ attributes }) =>
    new RegExp(attributes.expression ?? '').test(destination),
  )
  if (condition === undefined) return undefined
  return elementsOf(condition, 'action').map(({ attributes }) =>
    run(attributes.application ?? '', attributes.data ?? ''),
  )
}
