export type { ApiContext, ApiFunction, ApiOutcome } from './host/api-table.js'
export { EventHost } from './host/event-host.js'
export type {
  HeadersInput,
  NewEvent,
  Origin,
  SwitchIdentity,
} from './host/events/event-factory.js'
export type { NewLogLine } from './host/logs/log-line.js'
export type { EventHostOptions } from './host/options.js'
export { type EventName, eventNames } from './protocol/event-names.js'
export { type Header, SwitchEvent } from './protocol/switch-event.js'
export type { TextEncoding } from './protocol/text.js'
