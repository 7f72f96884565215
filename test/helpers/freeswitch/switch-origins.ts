import type { EventName, Origin } from 'beamlink/freeswitch'

const execute = { file: 'switch_core_session.c', func: 'switch_core_session_exec' }
const running = { file: 'switch_channel.c', func: 'switch_channel_perform_set_running_state' }

const ofEvents: { readonly [name in EventName]?: Origin } = {
  CHANNEL_EXECUTE: { ...execute, line: 2949 },
  CHANNEL_EXECUTE_COMPLETE: { ...execute, line: 2972 },
  CHANNEL_STATE: { ...running, line: 2409 },
  CHANNEL_CALLSTATE: {
    file: 'switch_channel.c',
    func: 'switch_channel_perform_set_callstate',
    line: 302,
  },
  CALL_UPDATE: { file: 'switch_channel.c', func: 'switch_channel_flip_cid', line: 3279 },
  CHANNEL_PARK: { file: 'switch_ivr.c', func: 'switch_ivr_park', line: 1002 },
  CHANNEL_UNPARK: { file: 'switch_ivr.c', func: 'switch_ivr_park', line: 1213 },
  CHANNEL_HANGUP: { file: 'switch_channel.c', func: 'switch_channel_perform_hangup', line: 3447 },
  CHANNEL_HANGUP_COMPLETE: {
    file: 'switch_core_state_machine.c',
    func: 'switch_core_session_reporting_state',
    line: 943,
  },
  CHANNEL_DESTROY: {
    file: 'switch_core_session.c',
    func: 'switch_core_session_perform_destroy',
    line: 1588,
  },
  HEARTBEAT: { file: 'switch_core.c', func: 'send_heartbeat', line: 95 },
}

/** Where in FreeSWITCH's source the recorded events, lookups and lines of the log come from. */
export const origins = {
  ofEvent: (name: EventName): { source?: Origin } => {
    const source = ofEvents[name]
    return source === undefined ? {} : { source }
  },
  newChannel: { file: 'switch_channel.c', func: 'switch_channel_set_name', line: 1143 },
  hangUp: { file: 'switch_ivr.c', func: 'switch_ivr_parse_event', line: 773 },
  logCommand: { file: 'mod_commands.c', func: 'log_function', line: 7247 },
  xmlLocate: { file: 'mod_commands.c', func: 'xml_locate_function', line: 1871 },
  userExists: { file: 'switch_xml.c', func: 'switch_xml_locate_user', line: 2258 },
  userData: { file: 'mod_commands.c', func: 'user_data_function', line: 1328 },
  dialplan: { file: 'mod_dialplan_xml.c', func: 'dialplan_xml_locate', line: 619 },
} as const
