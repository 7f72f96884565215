/** An HTTP service in front of an Elixir GenServer; see README.md. */
import { once } from 'node:events'
import { ErlangError, type ErlangErrorCode, ErlangNode } from 'beamlink'
import express, { type ErrorRequestHandler, type Response } from 'express'
import { type Item, Refused, Stock } from './stock.mjs'

const { SHOP_NODE = 'shop@127.0.0.1', WEB_NODE = 'web@127.0.0.1', COOKIE = 'secret' } = process.env
const { PORT = '3000', TIMEOUT_MS = '1000' } = process.env

const node = await ErlangNode.start({ name: WEB_NODE, cookie: COOKIE, decode: 'elixir' })
const stock = new Stock(node, SHOP_NODE, Number(TIMEOUT_MS))
const app = express().use(express.json())

app.get('/items/:sku', async (request, response) => {
  response.json(await stock.get(request.params.sku))
})

app.post('/items/:sku/take', async (request, response) => {
  const { count } = (request.body ?? {}) as { count?: unknown }
  if (typeof count !== 'number' || !Number.isInteger(count) || count < 1) {
    response.status(400).json({ error: 'count must be a whole number from 1' })
    return
  }
  response.json(await stock.take(request.params.sku, count))
})

/** Changes, as the GenServer pushes them: server-sent events. */
const readers = new Set<Response>()
app.get('/changes', (request, response) => {
  response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders()
  readers.add(response)
  request.on('close', () => readers.delete(response))
})
stock.watch((item: Item) => {
  for (const reader of readers) reader.write(`data: ${JSON.stringify(item)}\n\n`)
})

app.get('/health', async (_request, response) => {
  const isUp = await stock.isUp()
  response.status(isUp ? 200 : 503).json({ node: node.name, stock: isUp ? 'up' : 'down' })
})

/** Down or slow: whoever asks may ask again. */
const passing: ReadonlySet<ErlangErrorCode> = new Set([
  'ERR_ERL_TIMEOUT',
  'ERR_ERL_NOCONNECTION',
  'ERR_ERL_NODEDOWN',
  'ERR_ERL_NODE_NOT_FOUND',
  'ERR_ERL_NO_EPMD',
  'ERR_ERL_NOPROC',
  'ERR_ERL_BUSY',
])
const refusals = { not_found: 404, sold_out: 409 } as const

const answerError: ErrorRequestHandler = (error, _request, response, next) => {
  if (response.headersSent) return next(error)
  if (error instanceof Refused) {
    response.status(refusals[error.reason]).json({ error: error.reason })
  } else if (ErlangError.is(error)) {
    const isPassing = passing.has(error.code)
    if (isPassing) response.set('retry-after', '1')
    console.error(`${error.code}: ${error.message}`)
    response.status(isPassing ? 503 : 502).json({ error: error.code })
  } else {
    next(error)
  }
}
app.use(answerError)

const server = app.listen(Number(PORT), '127.0.0.1')
await once(server, 'listening')
const address = server.address()
const port = typeof address === 'object' ? address?.port : PORT
console.log(`${node.name} serves http://127.0.0.1:${port}`)

/** Answers what has been asked, then leaves the cluster. */
async function stop(): Promise<void> {
  const closed = once(server, 'close')
  server.close()
  for (const reader of readers) reader.end()
  await closed
  await node.stop()
  console.log('stopped')
}
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void stop())
