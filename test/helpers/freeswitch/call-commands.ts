import { randomUUID } from 'node:crypto'
import { Channel } from './channel.js'
import type { Session } from './session.js'
import type { SmallSwitch } from './small-switch.js'

/** The API commands that make calls and that are about one. */
export function addCallCommands(small: SmallSwitch): void {
  const { host, sessions } = small
  host.api('originate', (args) => originate(small, args))
  host.api('hupall', () => {
    for (const session of sessions.values()) session.hangUp('NORMAL_CLEARING')
    return '+OK hangup all channels\n'
  })

  const about = (
    name: string,
    usage: string,
    run: (session: Session, rest: string) => string | Promise<string>,
  ) => {
    host.api(name, (args) => {
      if (args === '') return `-USAGE: ${usage}\n`
      const [uuid = '', rest = ''] = args.split(/ (.*)/s)
      const session = sessions.get(uuid)
      return session === undefined ? '-ERR No such channel!\n' : run(session, rest)
    })
  }
  about('uuid_kill', '<uuid> [cause]', (session, cause) => {
    session.hangUp(cause === '' ? 'NORMAL_CLEARING' : cause)
    return '+OK\n'
  })
  about('uuid_getvar', '<uuid> <var>', ({ channel }, name) => channel.variable(name) ?? '_undef_')
  about('uuid_setvar', '<uuid> <var> [value]', (session, assignment) => {
    const [name = '', value] = assignment.split(/ (.*)/s)
    session.setVariable(name, value)
    return '+OK\n'
  })
  about('uuid_broadcast', '<uuid> <path> [aleg|bleg|holdb|both]', (session, path) => {
    small.work.add(session.broadcast(path))
    return '+OK Message sent\n'
  })
  about(
    'uuid_transfer',
    '<uuid> [-bleg|-both] <dest-exten> [<dialplan>] [<context>]',
    (session, target) => {
      const [destination = '', , context = 'default'] = target.split(' ')
      session.transfer(destination, context)
      return '+OK\n'
    },
  )
}

const usage =
  '-USAGE: <call url> <exten>|&<application_name>(<app_args>) [<dialplan>] [<context>]\n'

/** `[{origination_uuid=…}]null/x (<exten> XML <context> | &<application>(<argument>))` */
function originate(small: SmallSwitch, args: string): string {
  const [, id, url = '', rest = ''] =
    /^(?:\{origination_uuid=([^}]*)\})?(\S+) (.+)$/.exec(args) ?? []
  if (url === '') return usage
  const uuid = id ?? randomUUID()
  const loopback = /^loopback\/([^/]+)\/(.+)$/.exec(url)
  const channel = new Channel(uuid, loopback === null ? url : `loopback/${loopback[1]}-a`)
  const inline = /^&(\w+)\((.*)\)$/.exec(rest)
  const [destination = '', , context = 'default'] = rest.split(' ')
  channel.transfer(inline === null ? destination : (inline[1] ?? ''), context)
  const [, application = '', argument = ''] = inline ?? []
  const far = loopback === null ? undefined : farLeg(small, loopback)
  const session = small.call(
    channel,
    inline === null ? undefined : [{ application, argument: argument.replace(/^'(.*)'$/, '$1') }],
  )
  if (far !== undefined) void session.ended.then(() => far.hangUp('NORMAL_CLEARING'))
  return `+OK ${uuid}\n`
}

/** The other end of a loopback call, which runs the extension. */
function farLeg(small: SmallSwitch, [, extension = '', context = '']: string[]): Session {
  const channel = new Channel(randomUUID(), `loopback/${extension}-b`)
  channel.answerState = 'ringing'
  channel.callState = 'RINGING'
  channel.transfer(extension, context)
  return small.call(channel)
}
