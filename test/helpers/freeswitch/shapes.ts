/** Headers whose values depend on the time, the host, the core or the lines of its source. */
const varyingHeaders = new RegExp(
  [
    '^Core-UUID$',
    '^Event-(Date|Sequence|Calling-Line-Number)',
    '^Up-Time$|^Uptime-msec$|^Idle-CPU$',
    '^Session-(Count|Since-Startup|Peak|Per-Sec)',
    '^FreeSWITCH-(IPv4|IPv6|Version)$',
    '^(Caller|Channel|Hunt)-.*(-Time|Transfer-Source)$',
    '^Application-UUID$',
    '^variable_(session_id|transfer_(history|source)|.*_(epoch|uepoch|stamp)|.*sec|[mu]?duration|uuid|call_uuid)$',
  ].join('|'),
)

/** Text of commands that tells times and counts. */
const varyingText = /^(UP \d|Listener to )/

/** Whether such a value is compared by its shape. */
export function hasShape(value: string, header?: string): boolean {
  return header === undefined ? varyingText.test(value) : varyingHeaders.test(header)
}

/** Ids and numbers made alike. */
export function shapeOf(value: string): string {
  return value
    .replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'ID')
    .replaceAll(/(Mon|Tue|Wed|Thu|Fri|Sat|Sun), /g, 'DAY, ')
    .replaceAll(/ (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) /g, ' MONTH ')
    .replaceAll(/\d+(\.\d+)*/g, 'N')
    .replaceAll(/(year|day|hour|minute|second|millisecond|microsecond)s\b/g, '$1')
    .replaceAll(/:+N/g, ':N')
}
