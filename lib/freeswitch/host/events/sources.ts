import type { Origin } from './event-factory.js'

/** Where FreeSWITCH makes what the host makes in its place, as it tells in the events. */
const commandOrigin = (func: string, line: number): Origin => ({
  file: 'handle_msg.c',
  func,
  line,
})

export const apiOrigin: Origin = {
  file: 'switch_loadable_module.c',
  func: 'switch_api_execute',
  line: 3140,
}
export const jobOrigin = commandOrigin('api_exec', 84)
export const sendeventOrigin = commandOrigin('handle_msg_sendevent', 809)
export const sendeventCustomOrigin = commandOrigin('handle_msg_sendevent', 808)
export const lostOrigin: Origin = { file: 'mod_erlang_event.c', func: 'event_handler', line: 0 }
