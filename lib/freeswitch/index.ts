/**
 * FreeSWITCH's `mod_erlang_event`, both sides: {@link EventHost} answers as a switch does,
 * {@link FreeSwitch} drives one.
 *
 * @module beamlink/freeswitch
 */
export type { NetworkListOptions } from '../node/access/network-list.js'
export type { OnCall, Registration } from './client/call-desk.js'
export type { EventStream } from './client/event-hub.js'
export type { EventFilter, EventOptions, HeaderFilter } from './client/event-wish.js'
export type { FetchFunction, Lookup } from './client/fetch.js'
export { type BackgroundOptions, FreeSwitch, type FreeSwitchEvents } from './client/free-switch.js'
export { HandledCall } from './client/handled-call.js'
export type { BackgroundJob } from './client/job.js'
export type { LogOptions, LogStream } from './client/log-hub.js'
export type { LogLine } from './client/log-line.js'
export type { ExecuteOptions, SentEvent } from './client/messages.js'
export type { FreeSwitchOptions, RequestOptions } from './client/options.js'
export type { ServerFilters } from './client/server-filters.js'
export { type Gap, Stream } from './client/stream.js'
export type { AclOptions } from './host/acl/inbound-acl.js'
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
export type { ListenSettings, StartOptions, WhenDenied } from './host/config/settings.js'
export { type StartedEventHost, startEventHost } from './host/config/start-event-host.js'
export { EventHost } from './host/event-host.js'
export type {
  NewEvent,
  Origin,
  SwitchIdentity,
} from './host/events/event-factory.js'
export type { FetchOutcome, NothingFetched } from './host/fetch/fetch-answer.js'
export type { FetchRequest } from './host/fetch/fetch-request.js'
export type { NewLogLine } from './host/logs/log-line.js'
export type { EventHostOptions } from './host/options.js'
export { type EventName, eventNames } from './protocol/event-names.js'
export { type HangupCause, hangupCauses } from './protocol/hangup-causes.js'
export type { HeadersInput, HeaderValue } from './protocol/headers-input.js'
export type { KnownHeader } from './protocol/known-headers.js'
export { type LogLevel, logLevels } from './protocol/log-levels.js'
export { type FetchSection, fetchSections } from './protocol/sections.js'
export { type EventForm, type Header, SwitchEvent } from './protocol/switch-event.js'
export type { TextEncoding } from './protocol/text.js'
