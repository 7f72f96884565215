/** What the driver does for a case beyond the recorded request. Steps are Erlang terms, as `replay_steps` takes them. */
export interface CaseSetup {
  /** Done first; nobody looks at what comes of it. */
  readonly before?: string
  /** In place of what the recorded request says. */
  readonly script?: string
  /** The replies, where the recording only has their numbers. */
  readonly replies?: string
  /** Events are cut down to a few headers, though the notes do not say so. */
  readonly isTrimmed?: true
  /** Several threads of the recorded switch did this at once. */
  readonly anyOrder?: true
  /** The last reply comes no sooner. */
  readonly leastMs?: number
  /** How long the replies may take. */
  readonly deadlineMs?: number
  /** The case ends the connection, or looks whether it has ended: to ask the switch would open it again. */
  readonly endsConnection?: true
}

/** How long calls wait that nobody answers, in place of the 5 seconds of the recording. */
export const paceMs = 400

const ends: CaseSetup = { endsConnection: true }

const originate = (uuid: string, extension: string) =>
  `{from, ctl, {bgapi, originate, "{origination_uuid=${uuid}}null/x ${extension} XML default"}}`
const kill = (uuid: string) => `{from, ctl, {bgapi, uuid_kill, "${uuid}"}}`
const call = (prefix: string, number: number) =>
  `${prefix.repeat(8 / prefix.length)}-0000-0000-0000-${String(number).padStart(12, '0')}`
const evh = '{from, evh, register_event_handler}'
const watched = "{event, 'CHANNEL_EXECUTE', 'CHANNEL_HANGUP_COMPLETE', 'CHANNEL_DESTROY'}"
const tone = 'tone_stream://%(50,10,440)'
const fetched = '{from, ctl, {bgapi, xml_locate, "directory domain name example.com"}}'

/** Everything that is left of the calls and the handlers of a part of the recording. */
const fresh = 'noevents, nolog, {from, ctl, {bgapi, hupall, []}}'

export const setups: Readonly<Record<string, CaseSetup>> = {
  api_blocks_listener: { leastMs: 400 },
  bgapi_slow: { leastMs: 200 },
  bgapi_order: { script: '{times, 500, bgapi}', deadlineMs: 10_000 },

  monitor_fs_pid: { before: "{unlink, 'FS_PID'}" },
  event_arity1: { before: 'demonitor' },

  // Handlers of events.
  event_heartbeat_delivery: { script: '{switch, heartbeat}' },
  sub_unknown_name: { before: 'noevents' },
  sub_switch_event_prefix: { before: 'noevents' },
  sub_any_13_prefix: { before: 'noevents' },
  sub_non_atom: { before: 'noevents' },
  sub_non_atom_first: { before: 'noevents' },
  sub_list_form: { before: 'noevents' },
  sub_custom_then_event_name: { before: 'noevents' },
  sub_all: { before: 'noevents' },
  sub_all_upper_lower: { script: '{event, all}, {await, 1}, {switch, heartbeat}' },
  all_any_subclass_setup2: { script: "{event, 'ALL'}, {await, 1}, {switch, heartbeat}" },
  after_noevents: { before: 'noevents' },
  old_handler_death: { before: '{exit_normal, evh}' },
  event_handler_death_handlers: { before: '{exit_normal, evh2}' },
  sub_general: { before: evh },
  exit2_effect: { before: "{from, evh, {exit_signal, 'FS_PID', enough}}" },
  se_evh: { before: "{filter, 'delete all'}" },
  nolog_idle: { before: 'noevents' },
  log_handler_death: { before: '{kill, logh}' },

  // Commands to a parked call.
  sm_evh: {
    before: `${fresh}, ${originate(call('1', 1), 'park')}, ${originate(call('1', 2), 'park')}, ${originate(call('1', 3), 'park')}, ${originate(call('1', 4), 'park')}`,
  },
  sendmsg_nosession: {
    before:
      "{event, 'CHANNEL_EXECUTE', 'CHANNEL_EXECUTE_COMPLETE', 'CHANNEL_HANGUP', 'CHANNEL_HANGUP_COMPLETE', 'SEND_MESSAGE', 'PRIVATE_COMMAND'}",
  },

  // Lookups of XML.
  bind_configuration: { before: fresh },
  bindings_after_death: { before: '{kill, b1}' },
  bindings_after_partial_death: { before: '{kill, b1}' },
  bindings_after_last_death: { before: '{kill, b2}' },
  fetch_reply_string_over_65535: overSized('STRING_OVER_65535'),
  fetch_reply_binary_over_65535: overSized('BINARY_OVER_65535'),
  fetch_timeout: { leastMs: paceMs },
  fetch_cleanup: { before: '{kill, b1}, {kill, b2}' },
  dp_bind: { before: '{kill, evh}' },
  dialplan_fetch_notfound: { before: '' },
  dialplan_binder_dies: {
    before: kill(call('2', 2)),
    script: `${originate(call('2', 3), 'park')}, {kill, b1}`,
  },

  // Calls that the dialplan hands over.
  outbound_registered_full: { before: fresh },
  outbound_registered_watched: { before: watched },
  outbound_inline_app: {
    script: `{from, ctl, {bgapi, originate, "{origination_uuid=${call('3', 9)}}null/x &erlang('handler drv@127.0.0.1')"}}, {await, 5}, ${kill(call('3', 9))}`,
  },
  outbound_loopback: {
    script: `{from, ctl, {bgapi, originate, "{origination_uuid=${call('3', 10)}}loopback/reg/default &park()"}}, {await, 7}, ${kill(call('3', 10))}`,
  },
  outbound_getpid_timeout: { leastMs: paceMs },
  outbound_getpid_nobody: { leastMs: paceMs },
  outbound_getpid_dead_pid: {
    script: `${originate(call('4', 9), 'getpid')}, {await, 3}, {answer, dead}, {await, 9}, ${kill(call('4', 9))}`,
  },

  // Calls that a handler takes.
  hc_watch: { before: fresh },
  handlecall_badsession: { before: watched },
  handlecall_baduuid: { before: originate(call('6', 1), 'park') },
  handlecall_events: {
    script: `{from, ctl, {bgapi, uuid_setvar, "${call('6', 1)} seen yes"}}, {await, 2}, {from, ctl, {bgapi, uuid_broadcast, "${call('6', 1)} ${tone}"}}`,
  },
  handlecall_after_replace: {
    script: `{from, ctl, {bgapi, uuid_broadcast, "${call('6', 1)} ${tone}"}}`,
  },
  handlecall_name: { before: originate(call('6', 2), 'park') },
  handlecall_binary_uuid: { before: originate(call('6', 3), 'park') },
  handlecall_then_app: { before: originate(call('6', 4), 'park') },
  session_attach: { before: `${fresh}, ${originate(call('7', 1), 'park')}` },
  session_custom_event: { before: '' },
  session_filter_ignored: { before: "{filter, 'X-Test one'}" },
  session_second_call: { before: `{filter, 'delete all'}, ${originate(call('7', 2), 'park')}` },
  two_calls_after_death: { before: '{kill, handler}' },
  two_calls_after_hupall: { before: '{from, ctl, {bgapi, hupall, []}}' },

  // The end of connections.
  disc_sessions: { before: originate(call('8', 1), 'rpc') },
  disconnect_node: ends,
  exit: ends,
  exit_nodes: ends,
  filter_non_atom_nodes: ends,
  filter_mixed_nodes: ends,
  filter_add_no_value_nodes: ends,
  erlang_sendmsg_no_listener: {
    before: 'disconnect_node',
    script: `{switch, {smsg, "${call('12', 3)}"}}`,
    endsConnection: true,
  },
  erlang_sendmsg_second_while_lingering: { script: `{switch, {smsg, "${call('12', 4)}"}}` },
  reconnect_after_leftover: { before: 'disconnect_node' },
  outbound_app_dials: {
    before: 'disconnect_node',
    script: `{switch, {reg, "${call('12', 5)}"}}`,
    // The recording looks at the first message only.
    replies: `replay_driver:replies(outbound_app_dials) ++ [{to, handler, {call_event, {event, ["${call('12', 5)}", {"Event-Name", "CHANNEL_PARK"}]}}}]`,
  },

  bulk_order: {
    before: "{event, 'GENERAL'}",
    replies:
      'lists:duplicate(200, ok) ++ [{to, evh, {event, [undefined, {"Event-Name", "GENERAL"}, {"n", integer_to_list(N)}]}} || N <- lists:seq(1, 200)]',
  },
  erlang_sendmsg_leftover_dropped: { script: 'nodes_hidden' },
  fetch_without_params: { anyOrder: true },

  // Two nodes.
  two_nodes_listeners: { before: '{answered, h2, {from, h2, getpid}}' },
  two_nodes_attach_first: { before: originate(call('9', 1), 'park') },
  two_nodes_fetch: {
    script: `{bgapi, xml_locate, "directory domain name example.com"}, {from, h2, {fetch_reply, "71aa85b6-fa81-4251-bf7c-da43814e2919", 'XML'}}`,
  },
  erlang_sendmsg_app: { before: '{kill, b1}, second_node_disconnects' },

  // The later additions of the recording.
  fetch_noparams_bind: { before: fresh },
  session_event_registered_handler: {
    before: `{kill, b1}, ${evh}, ${watched}, ${originate(call('13', 1), 'reg')}`,
  },
  app_on_parked_call: { before: originate(call('13', 2), 'park') },
  handler_sends_exit2: { before: '' },
  sendmsg_transfer: { before: originate(call('13', 4), 'reg') },
  sendmsg_break: { before: originate(call('13', 5), 'reg') },

  // The client module.
  freeswitch_erl_api: { before: `${fresh}, {kill, evh}` },
  freeswitch_erl_handlecall_3: {
    script: '{call, freeswitch, handlecall, [node, "abcd", drv_main]}, {await, 1}, {switch, park}',
    anyOrder: true,
  },
  freeswitch_erl_handlecall_4: { before: originate('abcd', 'park') },
  freeswitch_erl_sendevent_3: { anyOrder: true, isTrimmed: true },
  freeswitch_erl_api_5: { anyOrder: true },
  freeswitch_erl_bgapi_5: { anyOrder: true },
  freeswitch_erl_sendmsg_2: { anyOrder: true },
  freeswitch_erl_close: ends,

  // A switch that denies the peer.
  acl_connect: ends,
  acl_waits: ends,
  acl_first_message: ends,
  acl_after: { script: '{wait_for, nodedown}, nodes_hidden', endsConnection: true },
  acl_second_connection: ends,
}

function overSized(xml: string): CaseSetup {
  return {
    script: `${fetched}, {await, ctl, 1}, {await, b1, 1}, forget, {from, b1, {fetch_reply, last, '${xml}'}}`,
  }
}
