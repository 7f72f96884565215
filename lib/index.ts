/**
 * A Node.js process as an Erlang node: {@link ErlangNode} and the terms that it sends and gets.
 *
 * @module beamlink
 */
export {
  EncodeError,
  ErlangError,
  type ErlangErrorCode,
  type ErlangErrorOptions,
  type ErrorEntry,
  errorTable,
} from './errors.js'
export type { Traffic } from './native/channel-counts.js'
export { decode, encode } from './native/codec.js'
export type { HeaderBytes } from './native/contract.js'
export type { DecodeOptions, DecodePreset, EncodeOptions } from './native/options.js'
export type { Allow, AllowBoth, AllowEntry, AllowFunction, Caller } from './node/access/allow.js'
export type { CallerCertificate } from './node/access/certificate.js'
export type { WaitOptions } from './node/calls.js'
export type { Destination, RemoteName } from './node/destination.js'
export type { Drop, DropReason } from './node/drops.js'
export { type EpmdNamesOptions, epmdNames, type NamedNode } from './node/epmd/names.js'
export { EpmdServer } from './node/epmd/server.js'
export type { HandlerFailure, NodeEvents } from './node/events.js'
export type {
  AcceptFromOptions,
  AcceptOptions,
  ConnectOptions,
  NodeStats,
  PeerOrigin,
  PeerStats,
  RegisterOptions,
  RegisterRawOptions,
  SendOptions,
  SpawnOptions,
  SpawnRawOptions,
} from './node/node-types.js'
export type {
  CallMessage,
  ConnectMessage,
  DisconnectMessage,
  DropMessage,
  MessageMessage,
  RefusedMessage,
  ServeMessage,
} from './node/observe/channels.js'
export type { FrameTextOptions } from './node/observe/frame-text.js'
export type { FrameListener } from './node/observe/observer.js'
export type { TracedFrame } from './node/observe/traced-frame.js'
export type { EpmdAddress, ListenOptions, NodeOptions, WhenBusy } from './node/options.js'
export type { Redial } from './node/peer/keeper.js'
export type { ReconnectOptions } from './node/peer/reconnect.js'
export type { PeerChoice } from './node/peer-pattern.js'
export type { AliasOptions, MonitorAlias } from './node/process/aliases.js'
export type { MessageContext, MessageHandler } from './node/process/handler-process.js'
export type {
  MailboxProcess,
  ReceiveGuardOptions,
  ReceiveOptions,
} from './node/process/mailbox-process.js'
export type { DemonitorOptions, MonitorOptions, Process } from './node/process/process.js'
export type { ProcessFunction } from './node/process-node.js'
export type { WhenDown } from './node/route.js'
export type { DecodeFailure } from './node/router.js'
export type { TransportOptions, TransportTarget } from './node/streams/duplex-streams.js'
export type { Pem, TlsOptions } from './node/tls/options.js'
export type { CallOptions } from './otp/call-options.js'
export { ErlangNode, type RpcOptions } from './otp/erlang-node.js'
export type { MulticallResult } from './otp/gen-node.js'
export type { GenFrom } from './otp/gen-reply.js'
export type { OutputContext, OutputListener } from './otp/io/server.js'
export { type CallContext, callContext } from './otp/rpc/call-context.js'
export type { ExposedFunction, ExposedFunctions, ExposeOptions } from './otp/rpc/exposed.js'
export type { SpawnAtOptions } from './otp/rpc/spawn-call.js'
export { noReply, type ServerCallbacks } from './otp/server/callbacks.js'
export type { ServeOptions } from './otp/server/serve.js'
export type { ServerProcess } from './otp/server/server-process.js'
export { Atom, type AtomOf, atom } from './term/atom.js'
export { BitString, bitstring } from './term/bitstring.js'
export { compare, equals } from './term/compare.js'
export { elixir, struct } from './term/elixir.js'
export { erl } from './term/erl.js'
export { Float, float } from './term/float.js'
export { format } from './term/format.js'
export { ExternalFun, externalFun, Fun } from './term/fun.js'
export { Charlist, charlist, ImproperList, improper } from './term/list.js'
export { LocalTerm } from './term/local.js'
export { TermMap } from './term/map.js'
export { type ParseOptions, parse } from './term/parse.js'
export { type Bindings, type Pattern, pattern } from './term/pattern.js'
export { Pid } from './term/pid.js'
export { Port } from './term/port.js'
export { RawTerm } from './term/raw.js'
export { Reference } from './term/reference.js'
export { TermSyntaxError } from './term/syntax/syntax-error.js'
export {
  atomKeys,
  isAtom,
  isBinary,
  isBitString,
  isFloat,
  isFun,
  isImproperList,
  isInteger,
  isList,
  isPid,
  isPort,
  isReference,
  isTagged,
  isTermMap,
  isTuple,
  type Tagged,
  type Term,
  type TermInput,
  type TermInputObject,
  type TermObject,
  type TupleOfArity,
} from './term/term.js'
export { text } from './term/text.js'
export { type AnyTuple, Tuple, type TupleOf, tuple } from './term/tuple.js'
