import { context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base'
import { atom, ErlangError, tuple } from 'beamlink'
import { instrument } from 'beamlink/opentelemetry'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type JoinedNodes, joinedNodes } from '../helpers/joined-nodes.js'

const exporter = new InMemorySpanExporter()
const tracerProvider = new BasicTracerProvider({
  spanProcessors: [new SimpleSpanProcessor(exporter)],
})

let pair: JoinedNodes
let stop: () => void = () => undefined

beforeAll(async () => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  pair = await joinedNodes()
  pair.there.expose('orders', {
    total: (x) => x,
    slow: () => new Promise((resolve) => setImmediate(() => resolve(1))),
    fail: () => {
      throw new ErlangError('ERR_ERL_REMOTE', 'no stock', { reason: atom('no_stock') })
    },
    relay: async () => pair.there.rpc(pair.here.name, 'prices', 'of', [1]),
  })
  pair.here.expose('prices', { of: () => 2 })
  pair.there.serve('stock', { call: () => 7, cast: () => undefined })
})
afterAll(async () => {
  context.disable()
  await pair.stop()
})

beforeEach(() => {
  stop = instrument({ tracerProvider })
})
afterEach(() => {
  stop()
  exporter.reset()
})

/** The spans of a name, when there are as many. */
async function spans(name: string, count: number): Promise<ReadableSpan[]> {
  const found = () => exporter.getFinishedSpans().filter((span) => span.name === name)
  await expect.poll(() => found().length).toBe(count)
  return found()
}

async function pairOfSpans(name: string) {
  const both = await spans(name, 2)
  const client = both.find(({ kind }) => kind === SpanKind.CLIENT)
  const server = both.find(({ kind }) => kind !== SpanKind.CLIENT)
  if (client === undefined || server === undefined) throw new Error(`no pair of spans ${name}`)
  return { client, server }
}

describe('spans of OpenTelemetry', () => {
  it('are made at both ends of an rpc', async () => {
    await pair.here.rpc(pair.there.name, 'orders', 'total', [1])
    const { client, server } = await pairOfSpans('orders/total')
    const common = { 'rpc.system': 'erlang', 'rpc.service': 'orders', 'rpc.method': 'total' }
    expect(client.attributes).toEqual({
      ...common,
      'server.address': '127.0.0.1',
      'erlang.kind': 'rpc',
      'erlang.node': pair.here.name,
      'erlang.peer': pair.there.name,
    })
    expect(server.attributes).toEqual({
      ...common,
      'client.address': '127.0.0.1',
      'erlang.kind': 'rpc',
      'erlang.node': pair.there.name,
      'erlang.peer': pair.here.name,
    })
    expect(server.kind).toBe(SpanKind.SERVER)
    expect([client.status.code, server.status.code]).toEqual([
      SpanStatusCode.UNSET,
      SpanStatusCode.UNSET,
    ])
  })

  it('end when an asynchronous function does', async () => {
    await pair.here.rpc(pair.there.name, 'orders', 'slow')
    await pairOfSpans('orders/slow')
  })

  it('say what failed', async () => {
    await expect(pair.here.rpc(pair.there.name, 'orders', 'fail')).rejects.toThrow()
    const { client, server } = await pairOfSpans('orders/fail')
    for (const span of [client, server]) {
      expect(span.status.code).toBe(SpanStatusCode.ERROR)
      expect(span.attributes['error.type']).toBe('ERR_ERL_REMOTE')
      expect(span.events.map(({ name }) => name)).toEqual(['exception'])
    }
    expect(server.status.message).toBe('no stock')
  })

  it('are those of gen_servers, by the tag of the request; casts are consumed', async () => {
    const stock = { name: 'stock', node: pair.there.name }
    await pair.here.call(stock, tuple(atom('get'), 1))
    await pairOfSpans('stock/get')
    await pair.here.cast(stock, tuple(atom('put'), 1))
    const [cast] = await spans('stock/put', 1)
    expect(cast?.kind).toBe(SpanKind.CONSUMER)
  })

  it('have the active span as their parent, in handlers that of the handler', async () => {
    const parent = tracerProvider.getTracer('test').startSpan('parent')
    await context.with(trace.setSpan(context.active(), parent), () =>
      pair.here.rpc(pair.there.name, 'orders', 'relay'),
    )
    parent.end()
    const relay = await pairOfSpans('orders/relay')
    const prices = await pairOfSpans('prices/of')
    expect(relay.client.parentSpanContext?.spanId).toBe(parent.spanContext().spanId)
    expect(prices.client.parentSpanContext?.spanId).toBe(relay.server.spanContext().spanId)
    // Nothing carries the context to the peer.
    expect(relay.server.parentSpanContext).toBeUndefined()
  })

  it('are none of messages if so wished, and none at all once it is stopped', async () => {
    stop()
    stop = instrument({ tracerProvider, messages: false })
    const stock = { name: 'stock', node: pair.there.name }
    await pair.here.cast(stock, tuple(atom('put'), 1))
    await pair.here.call(stock, tuple(atom('get'), 1))
    await pairOfSpans('stock/get')
    expect(exporter.getFinishedSpans().some(({ name }) => name === 'stock/put')).toBe(false)
    stop()
    exporter.reset()
    await pair.here.call(stock, tuple(atom('get'), 1))
    expect(exporter.getFinishedSpans()).toEqual([])
  })
})
