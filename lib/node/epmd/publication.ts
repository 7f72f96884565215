import { ErlangError } from '../../errors.js'
import { reactor } from '../../native/reactor.js'
import type { ResolvedNodeOptions } from '../options.js'
import { isLoopback, resolveHost } from '../peer/resolve-host.js'
import { EpmdRegistration } from './registration.js'

/** Where a node accepts connections, and its entry at epmd. */
export class Publication {
  /** 0 while the node does not listen. */
  port = 0
  /** The numeric address; empty while the node does not listen. */
  address = ''
  #registration: EpmdRegistration | undefined
  #listening: ((failure: ErlangError | undefined) => void) | undefined

  /** Listens and registers, as the options say. Errors: those of `EpmdRegistration.open`, and REFUSED. */
  async open(node: number, options: ResolvedNodeOptions): Promise<void> {
    if (options.listen === undefined) return
    const [address] = await resolveHost(options.listen.host)
    if (address === undefined) return
    await this.#listen(node, address, options.listen.port)
    if (options.epmd.policy === 'none') return
    this.#registration = await EpmdRegistration.open(options.epmd, {
      alive: options.name.alive,
      port: this.port,
      hidden: options.hidden,
      onLoopback: isLoopback(address),
    })
  }

  listening(port: number): void {
    this.port = port
    this.#listening?.(undefined)
  }

  listenFailed(error: ErlangError): void {
    this.#listening?.(error)
  }

  /** Takes the name out of epmd. The reactor closes the listener. */
  async close(): Promise<void> {
    await this.#registration?.close()
    this.port = 0
  }

  async #listen(node: number, address: string, port: number): Promise<void> {
    const failure = await new Promise<ErlangError | undefined>((resolve) => {
      this.#listening = resolve
      reactor.listen(node, address, port)
    })
    if (failure !== undefined) {
      const message = `cannot listen on ${address}:${port}: ${failure.message}`
      throw new ErlangError(failure.code, message, { cause: failure })
    }
    this.address = address
  }
}
