import { ErlangError } from '../../errors.js'
import { reactor } from '../../native/reactor.js'
import { addressText } from '../address-text.js'
import type { ResolvedNodeOptions } from '../options.js'
import { isLoopback, resolveHost } from '../peer/resolve-host.js'
import type { Streams } from '../streams/streams.js'
import { EpmdRegistration, type RegistrationListener } from './registration.js'

/** Where a node accepts connections, and its entry at epmd. */
export class Publication {
  /** 0 while the node does not listen. */
  port = 0
  /** The numeric address; empty while the node does not listen. */
  address = ''
  #registration: EpmdRegistration | undefined
  #listening: { resolve(port: number): void; reject(error: ErlangError): void } | undefined

  /**
   * Listens and registers, as the options say; with `streams` it is they who listen.
   *
   * Errors: those of `EpmdRegistration.open`, and REFUSED.
   */
  async open(
    node: number,
    options: ResolvedNodeOptions,
    streams: Streams | undefined,
    listener: RegistrationListener,
  ): Promise<void> {
    if (options.listen === undefined) return
    const [address] = await resolveHost(options.listen.host)
    if (address === undefined) return
    await this.#listen(address, options.listen.port, (host, port) =>
      streams === undefined ? this.#listenByTcp(node, host, port) : streams.listen(host, port),
    )
    if (options.epmd.policy === 'none') return
    const registrant = {
      alive: options.name.alive,
      port: this.port,
      hidden: options.hidden,
      onLoopback: isLoopback(address),
    }
    this.#registration = await EpmdRegistration.open(options.epmd, registrant, listener)
  }

  listening(port: number): void {
    this.#listening?.resolve(port)
  }

  listenFailed(error: ErlangError): void {
    this.#listening?.reject(error)
  }

  /** Takes the name out of epmd. The reactor closes the listener. */
  async close(): Promise<void> {
    await this.#registration?.close()
    this.port = 0
  }

  async #listen(
    address: string,
    port: number,
    listen: (address: string, port: number) => Promise<number>,
  ): Promise<void> {
    try {
      this.port = await listen(address, port)
      this.address = address
    } catch (cause) {
      const { code, message } = cause as ErlangError
      const where = addressText(address, port)
      throw new ErlangError(code, `cannot listen on ${where}: ${message}`, { cause })
    }
  }

  #listenByTcp(node: number, address: string, port: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#listening = { resolve, reject }
      reactor.listen(node, address, port)
    })
  }
}
