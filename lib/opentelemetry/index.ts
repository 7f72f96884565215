/**
 * Spans of OpenTelemetry for the calls of beamlink's nodes: {@link instrument}.
 *
 * @module beamlink/opentelemetry
 */
import { tracingChannel } from 'node:diagnostics_channel'
import {
  type Attributes,
  context,
  type Span,
  SpanKind,
  SpanStatusCode,
  type TracerProvider,
  trace,
} from '@opentelemetry/api'
import { type CallMessage, ErlangError, type ServeMessage } from '../index.js'

/** Options of `instrument`. */
export interface InstrumentOptions {
  /** Gives the tracer; the one that is registered with `@opentelemetry/api` by default. */
  readonly tracerProvider?: TracerProvider
  /** Whether casts and plain messages get spans, as calls do; true by default. */
  readonly messages?: boolean
}

type Message = CallMessage | ServeMessage

/**
 * Makes a span for each call to a peer (`CLIENT`), for each function and server that runs for a caller
 * (`SERVER`), and for each cast and message that is handled (`CONSUMER`), of all nodes of this
 * process, until the function that it returns is called. Handlers run inside their span, so that what
 * they call has it as its parent. A span at one node and a span at its peer are not joined: nothing in
 * Erlang's protocol carries the context.
 */
export function instrument(options: InstrumentOptions = {}): () => void {
  const { tracerProvider = trace, messages = true } = options
  const tracer = tracerProvider.getTracer('beamlink')
  const spans = new WeakMap<Message, Span>()

  const begin = (message: Message, kind: SpanKind, side: 'server' | 'client') => {
    const attributes = attributesOf(message, side)
    const name = `${message.service}/${message.method}`
    const span = tracer.startSpan(name, { kind, attributes }, context.active())
    spans.set(message, span)
    return span
  }
  const failed = (message: Message) => {
    const span = spans.get(message)
    if (span !== undefined) fail(span, message.error)
  }
  const end = (message: Message) => {
    spans.get(message)?.end()
    spans.delete(message)
  }

  const calls = {
    start: (message: CallMessage) => void begin(message, SpanKind.CLIENT, 'server'),
    end: () => undefined,
    asyncStart: () => undefined,
    asyncEnd: end,
    error: failed,
  }
  const serving = {
    start(message: ServeMessage): void {
      const kind = spanKinds[message.kind]
      if (kind === SpanKind.CONSUMER && !messages) return
      const inside = trace.setSpan(context.active(), begin(message, kind, 'client'))
      const { around = (run) => run() } = message
      message.around = (run) => context.with(inside, () => around(run))
    },
    end(message: ServeMessage): void {
      // Else it has given a promise.
      if ('result' in message || 'error' in message) end(message)
    },
    asyncStart: () => undefined,
    asyncEnd: end,
    error: failed,
  }
  const callChannel = tracingChannel<'beamlink:call', CallMessage>('beamlink:call')
  const serveChannel = tracingChannel<'beamlink:serve', ServeMessage>('beamlink:serve')
  callChannel.subscribe(calls)
  serveChannel.subscribe(serving)
  return () => {
    callChannel.unsubscribe(calls)
    serveChannel.unsubscribe(serving)
  }
}

const spanKinds: { readonly [Kind in ServeMessage['kind']]: SpanKind } = {
  rpc: SpanKind.SERVER,
  call: SpanKind.SERVER,
  cast: SpanKind.CONSUMER,
  info: SpanKind.CONSUMER,
  message: SpanKind.CONSUMER,
}

/** By the semantic conventions for RPC; those that they do not have begin with `erlang`. */
function attributesOf(message: Message, side: 'server' | 'client'): Attributes {
  return {
    'rpc.system': 'erlang',
    'rpc.service': message.service,
    'rpc.method': message.method,
    [`${side}.address`]: message.peer.slice(message.peer.indexOf('@') + 1),
    'erlang.kind': message.kind,
    'erlang.node': message.node,
    'erlang.peer': message.peer,
  }
}

function fail(span: Span, error: unknown): void {
  const exception = error instanceof Error ? error : new Error(String(error))
  const type = ErlangError.is(error) ? error.code : exception.name
  span.setAttribute('error.type', type)
  span.recordException(exception)
  span.setStatus({ code: SpanStatusCode.ERROR, message: exception.message })
}
