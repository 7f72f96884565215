import { EventEmitter, once } from 'node:events'
import { createServer } from 'node:http'
import { atom, ErlangNode, format, text } from 'beamlink'

/** The Node side: an Erlang node with a registered process, an exposed function and a web page. */
export class Service {
  #node
  #peer
  #http
  #messages = 0
  #arrivals = new EventEmitter()
  url

  static async start({ name, cookie, epmdPort, peer }) {
    const service = new Service()
    service.#peer = peer
    service.#node = await ErlangNode.start({
      name,
      cookie,
      epmd: { host: '127.0.0.1', port: epmdPort },
    })
    service.#node.register('myprocess', (message) => {
      service.#messages += 1
      service.#arrivals.emit('message', text(message))
    })
    service.#node.expose('useless', { myfunction: (a, b) => a + b })
    return service
  }

  /** An RPC into Erlang, as in uWSGI's document. */
  async hello() {
    return format(await this.#node.rpc(this.#peer, 'uwsgitest', 'hello', []))
  }

  /** Has Erlang send "Hello" to our process; settles with the message when it is here. */
  async message() {
    const arrived = once(this.#arrivals, 'message')
    await this.#node.rpc(this.#peer, 'demo', 'send_hello', [this.#name])
    const [message] = await arrived
    return message
  }

  /** Has Erlang call our function; gives what Erlang got. */
  async call(a, b) {
    return format(await this.#node.rpc(this.#peer, 'demo', 'call_myfunction', [this.#name, [a, b]]))
  }

  async listen() {
    this.#http = createServer((request, response) => this.#answer(request, response))
    this.#http.listen(0, '127.0.0.1')
    await once(this.#http, 'listening')
    this.url = `http://127.0.0.1:${this.#http.address().port}/`
  }

  async stop() {
    this.#http?.close()
    this.#http?.closeAllConnections()
    await this.#node.stop()
  }

  get #name() {
    return atom(this.#node.name)
  }

  #answer(request, response) {
    if (request.url !== '/') {
      response.writeHead(404).end()
      return
    }
    this.#page().then(
      (page) => response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(page),
      (error) => response.writeHead(502, { 'content-type': 'text/plain' }).end(`${error}\n`),
    )
  }

  async #page() {
    const rows = [
      ['uwsgitest:hello() in Erlang', await this.hello()],
      ['{myprocess, Node} ! "Hello" from Erlang', await this.message()],
      ['rpc:call(Node, useless, myfunction, [2, 40]) from Erlang', await this.call(2, 40)],
      ['messages received so far', String(this.#messages)],
    ]
    const cells = rows.map(([what, value]) => `<tr><td>${what}</td><td><b>${value}</b></td></tr>`)
    return `<!doctype html><title>beamlink</title><table>\n${cells.join('\n')}\n</table>\n`
  }
}
