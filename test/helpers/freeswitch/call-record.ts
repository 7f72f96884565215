/** The causes that the recorded calls were hung up with, and their numbers. */
const causes = {
  NORMAL_CLEARING: 16,
  USER_BUSY: 17,
  CALL_REJECTED: 21,
  DESTINATION_OUT_OF_ORDER: 27,
  NO_ROUTE_DESTINATION: 3,
} as const

/** The variables that a call has when it is over. */
export function recordVariables(call: {
  readonly cause: string
  readonly startMs: number
  readonly endMs: number
  readonly application: string
  readonly argument: string
}): [name: string, value: string][] {
  const { cause, startMs, endMs, application, argument } = call
  return [
    ['hangup_cause', cause],
    ['hangup_cause_q850', String(causes[cause as keyof typeof causes] ?? 0)],
    ['digits_dialed', 'none'],
    ['start_stamp', stamp(startMs)],
    ['profile_start_stamp', stamp(startMs)],
    ['answer_stamp', stamp(startMs)],
    ['end_stamp', stamp(endMs)],
    ...epochs(['start', 'profile_start', 'answer'], startMs),
    ...epochs(['bridge', 'last_hold'], 0),
    ['hold_accum_seconds', '0'],
    ['hold_accum_usec', '0'],
    ['hold_accum_ms', '0'],
    ...epochs(['resurrect', 'progress', 'progress_media'], 0),
    ...epochs(['end'], endMs),
    ['last_app', application],
    ['last_arg', argument],
    ['caller_id', '"Outbound Call" <x>'],
    ...durations('sec', 'duration', Math.floor((endMs - startMs) / 1000)),
    ...durations('msec', 'mduration', endMs - startMs),
    ...durations('usec', 'uduration', (endMs - startMs) * 1000),
  ]
}

function stamp(timeMs: number): string {
  return new Date(timeMs).toISOString().slice(0, 19).replace('T', ' ')
}

function epochs(names: readonly string[], timeMs: number): [string, string][] {
  return names.flatMap((name): [string, string][] => [
    [`${name}_epoch`, String(Math.floor(timeMs / 1000))],
    [`${name}_uepoch`, timeMs === 0 ? '0' : `${timeMs}000`],
  ])
}

function durations(unit: string, name: string, length: number): [string, string][] {
  const lengths = { bill: length, flow_bill: length }
  const names = ['bill', 'progress', 'answer', 'wait', 'progress_media', 'flow_bill']
  return [
    [name, String(length)],
    ...names.map((each): [string, string] => [
      `${each}${unit}`,
      String(lengths[each as keyof typeof lengths] ?? 0),
    ]),
  ]
}
