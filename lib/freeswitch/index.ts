export type { ApiContext, ApiFunction, ApiOutcome } from './host/api-table.js'
export type { CallHandler, RegisteredHandler } from './host/calls/attachment.js'
export type { Call, CallOptions } from './host/calls/call.js'
export type {
  CallCommand,
  ExecuteCommand,
  HangupCommand,
  NomediaCommand,
  UnicastCommand,
  UnknownCommand,
  XferextCommand,
} from './host/calls/call-command.js'
export type { AttachOutcome } from './host/calls/outbound.js'
export type { Release, WhenHandlerGone } from './host/calls/release.js'
export { EventHost } from './host/event-host.js'
export type {
  HeadersInput,
  NewEvent,
  Origin,
  SwitchIdentity,
} from './host/events/event-factory.js'
export type { FetchOutcome, NothingFetched } from './host/fetch/fetch-answer.js'
export type { FetchRequest } from './host/fetch/fetch-request.js'
export type { NewLogLine } from './host/logs/log-line.js'
export type { EventHostOptions } from './host/options.js'
export { type EventName, eventNames } from './protocol/event-names.js'
export { type Header, SwitchEvent } from './protocol/switch-event.js'
export type { TextEncoding } from './protocol/text.js'
