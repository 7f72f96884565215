/** A case that is answered otherwise than the recorded server did, on purpose. */
export interface Difference {
  /** The name of the case, or a pattern of names. */
  readonly cases: string | RegExp
  /** What it is about, as the first column of the table in `docs/freeswitch.md` has it. */
  readonly subject: string
  /** What comes instead: an Erlang expression for replies in the form of the recording. */
  readonly replies: string
  /** What is different, and why. */
  readonly reason: string
}

const nothingIsLost = 'the list of results is as long as announced, so the connection stays'
const connected = "[['freeswitch@127.0.0.1']]"
const found =
  '"<domain name=\\"example.com\\">\\n  <groups>\\n    <group name=\\"g\\">\\n      <users>\\n        <user id=\\"1000\\">\\n          <params>\\n            <param name=\\"password\\" value=\\"x\\"></param>\\n          </params>\\n        </user>\\n      </users>\\n    </group>\\n  </groups>\\n</domain>\\n"'

export const differences: readonly Difference[] = [
  {
    cases: 'ping_alias_ref',
    subject: 'net_adm:ping',
    replies: '[yes]',
    reason: 'net_adm:ping of OTP 24 and later is answered; FreeSWITCH lets it hang',
  },
  {
    cases: 'gen_call_to_foo',
    subject: 'gen_server:call',
    replies: "[{call_result, {ok, 'FS_PID'}}]",
    reason: 'gen_server:call is answered; FreeSWITCH sends a stray {error, undef} and lets it hang',
  },
  {
    cases: 'multi_call_to_fs',
    subject: 'gen_server:call',
    replies: "[{[{'freeswitch@127.0.0.1', {ok, 'FS_PID'}}], []}]",
    reason: 'gen_server:multi_call is answered, as gen_server:call is',
  },
  {
    cases: /^rpc_(block_)?call_to_fs$/,
    subject: 'rpc:call',
    replies: "['freeswitch@127.0.0.1']",
    reason: 'the node answers rpc; FreeSWITCH has none',
  },
  {
    cases: 'rex_name',
    subject: 'rpc:call',
    replies: '[]',
    reason: 'rex is the rpc server of the node: a command sent to it is none',
  },
  {
    cases: 'fetch_in_api_of_same_node',
    subject: '{api, Command, Arguments}',
    replies: `replay_driver:answered_in_time(fetch_in_api_of_same_node, ${found})`,
    reason:
      'the answer to a lookup is read while a command of the same node runs; FreeSWITCH reads it after the time limit',
  },
  {
    cases: 'handlecall_documented_order',
    subject: '{handlecall, Name, UUID}',
    replies: `[{to, handler, ok}, {to, handler2, {call, {event, ["66666666-0000-0000-0000-000000000001", {"Event-Name", "CHANNEL_DATA"}]}}}]`,
    reason:
      "both orders of handlecall with a name are understood, as the documents have it; handlecallOrder: 'strict' refuses this one",
  },
  {
    cases: /^session_setevent_(some_)?all$/,
    subject: '{session_setevent, …}',
    replies: '[{to, handler, {error, badarg}}]',
    reason: 'the answer is a whole term, {error, badarg}; FreeSWITCH sends {error} and junk',
  },
  {
    cases: 'two_calls_after_death',
    subject: '{call_hangup, UUID}',
    replies: '[{ok, "No active sessions for drv@127.0.0.1\\n"}]',
    reason: 'all calls of a dead handler are released; FreeSWITCH releases the first',
  },
  {
    cases: 'two_nodes_hangup',
    subject: '{call_hangup, UUID}',
    replies:
      'lists:sublist(replay_driver:replies(two_nodes_hangup), length(replay_driver:replies(two_nodes_hangup)) - 2) ++ [{to, handler, {call_hangup, "99999999-0000-0000-0000-000000000001"}}]',
    reason: 'every handler of a call is told of its end; FreeSWITCH tells the last that attached',
  },
  {
    cases: 'two_nodes_sessions_after_1',
    subject: 'sessions',
    replies: '[{ok, "No active sessions for drv@127.0.0.1\\n"}]',
    reason: 'a call that has ended is listed nowhere; FreeSWITCH keeps it for the first node',
  },
  {
    cases: 'erlang_sendmsg_leftover_unread',
    subject: '{freeswitch_sendmsg, Text}',
    replies: "[{ok, 'FS_PID'}]",
    reason: 'a connection that erlang_sendmsg dials is as good as any; FreeSWITCH never reads it',
  },
  {
    cases: 'erlang_sendmsg_second_while_lingering',
    subject: '{freeswitch_sendmsg, Text}',
    replies: '[{to, raw, {freeswitch_sendmsg, "hello there world"}}]',
    reason: 'the second erlang_sendmsg takes the connection of the first; FreeSWITCH dials in vain',
  },
  {
    cases: 'erlang_sendmsg_leftover_dropped',
    subject: '{freeswitch_sendmsg, Text}',
    replies: connected,
    reason:
      'the connection that erlang_sendmsg dials is kept alive; FreeSWITCH sends no ticks on it',
  },
  {
    cases: 'pid_addressed_from_other_process',
    subject: 'messages to the pid of the switch',
    replies: "[{to, other, {ok, 'FS_PID'}}]",
    reason: 'who asks by pid is answered; FreeSWITCH answers who asked by name before',
  },
  {
    cases: 'filter_non_atom',
    subject: '{filter, …}',
    replies: "[{filter_command_processing_log, ['-ERR invalid syntax']}]",
    reason: `${nothingIsLost}; FreeSWITCH cuts it at what is no atom`,
  },
  {
    cases: 'filter_mixed_non_atom',
    subject: '{filter, …}',
    replies:
      '[{filter_command_processing_log, [{"added", "A", "1"}, \'-ERR invalid syntax\', {"added", "C", "3"}]}]',
    reason: `${nothingIsLost}; FreeSWITCH cuts it at what is no atom`,
  },
  {
    cases: 'filter_add_no_value',
    subject: '{filter, …}',
    replies: "[{filter_command_processing_log, ['-ERR invalid syntax']}]",
    reason: 'a filter without a value is refused; FreeSWITCH crashes',
  },
  {
    cases: /^filter_(non_atom|mixed|add_no_value)_nodes$/,
    subject: '{filter, …}',
    replies: connected,
    reason: 'the connection stays',
  },
  {
    cases: 'after_filter_add_no_value',
    subject: '{filter, …}',
    replies: "[{ok, 'FS_PID'}]",
    reason: 'there is no crash',
  },
  {
    cases: 'sendmsg_transfer',
    subject: '{call_hangup, UUID}',
    replies:
      'replay_driver:inserted(sendmsg_transfer, call_hangup, ["CHANNEL_CALLSTATE", "CHANNEL_STATE", "CHANNEL_HANGUP_COMPLETE"])',
    reason: 'the last events of a call come before call_hangup; here FreeSWITCH lost three of them',
  },
  {
    cases: 'freeswitch_erl_handlecall_2',
    subject: '{handlecall, Name, UUID}',
    replies: '[{returned, {error, badsession}}]',
    reason: 'the order of the arguments is understood; there is no such call',
  },
  {
    cases: 'freeswitch_erl_handlecall_3',
    subject: '{handlecall, Name, UUID}',
    replies:
      '[{returned, {error, badsession}} | tl(replay_driver:replies(freeswitch_erl_handlecall_3))]',
    reason: 'the order of the arguments is understood; there is no such call',
  },
  {
    cases: 'freeswitch_erl_handlecall_4',
    subject: 'register_log_handler',
    replies: 'lists:droplast(replay_driver:replies(freeswitch_erl_handlecall_4))',
    reason: 'the log is that of the program; the host writes no line about each call into it',
  },
]

/** The difference that a case is listed with. */
export function differenceOf(name: string): Difference | undefined {
  return differences.find(({ cases }) =>
    typeof cases === 'string' ? cases === name : cases.test(name),
  )
}
