import { ErlangSide } from './erlang-side.mjs'
import { Service } from './service.mjs'

const cookie = `demo_${process.pid}`
let steps = 0

/** Runs one step and prints what came of it; a failure names the step. */
async function step(what, run) {
  steps += 1
  process.stdout.write(`${steps}. ${what} `)
  try {
    const outcome = await run()
    console.log(`→ ${outcome}`)
  } catch (error) {
    console.log('→ failed')
    throw new Error(`step ${steps} (${what}) failed: ${error.message}`, { cause: error })
  }
}

function expected(value, wanted) {
  if (value !== wanted) {
    throw new Error(`got ${value} in place of ${wanted}`)
  }
  return value
}

async function fetchPage(url) {
  const response = await fetch(url)
  const page = await response.text()
  if (!response.ok) {
    throw new Error(`${response.status}: ${page}`)
  }
  return `\n${page}`
}

const interrupted = new Promise((resolve) => {
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.once(signal, () => resolve(signal))
  }
})

let erlang
let service

async function show() {
  await step('an epmd and an Erlang node of the demo', async () => {
    erlang = await ErlangSide.start({ alive: `erlang_${process.pid}`, cookie })
    return `${erlang.nodeName}, epmd on port ${erlang.epmdPort}`
  })
  await step('this Node process becomes an Erlang node', async () => {
    const name = `web_${process.pid}@127.0.0.1`
    const { epmdPort, nodeName: peer } = erlang
    service = await Service.start({ name, cookie, epmdPort, peer })
    return name
  })
  await step('Node calls uwsgitest:hello() in Erlang', async () =>
    expected(await service.hello(), "'hello world !'"),
  )
  await step('Erlang does {myprocess, Node} ! "Hello"', async () =>
    expected(await service.message(), 'Hello'),
  )
  await step('Erlang does rpc:call(Node, useless, myfunction, [2, 40])', async () =>
    expected(await service.call(2, 40), '42'),
  )
  await step('the web page', async () => {
    await service.listen()
    return service.url
  })
}

async function run() {
  await show()
  if (process.argv.includes('--once')) {
    await step('the page says', () => fetchPage(service.url))
    return
  }
  console.log('Open the page in a browser; Ctrl-C ends the demo.')
  await interrupted
  console.log('\nstopping')
}

async function stop() {
  await service?.stop()
  await erlang?.stop()
}

try {
  await Promise.race([run(), interrupted])
} catch (error) {
  console.error(`\nbeamlink demo: ${error.message}`)
  process.exitCode = 1
} finally {
  await stop()
}
