import { Operation } from '../../native/contract.js'
import type { EncodeOptions } from '../../native/options.js'
import { type Atom, atom } from '../../term/atom.js'
import type { Pid } from '../../term/pid.js'
import type { Term, TermInput } from '../../term/term.js'
import { isOfEarlierLife, type Route, type Waiting } from '../route.js'
import { findLink, Link, linksOf, withLink, withoutLink } from './link.js'
import { postReason } from './post-reason.js'
import { ExitKind, type Process } from './process.js'

/** The links between our processes, and between them and those of peers. */
export class Links {
  readonly #routes: (name: string) => Route
  /** Those that the peer knows of, or would if it were not gone. */
  readonly #byRoute = new Map<Route, Set<Link>>()
  readonly #admits: (route: Route) => boolean
  #unlinks = 0

  /** `admits`: whether a peer may have one link more. */
  constructor(routes: (name: string) => Route, admits: (route: Route) => boolean) {
    this.#routes = routes
    this.#admits = admits
  }

  /** How many there are with processes of a peer. */
  count(route: Route): number {
    return this.#byRoute.get(route)?.size ?? 0
  }

  /** `link/1`. A link that is being taken back is wanted again: its late acknowledgement is void. */
  link(process: Process, pid: Pid): void {
    const known = findLink(process.links, pid)
    if (known !== undefined) {
      if (known.unlinkId === 0) return
      known.unlinkId = 0
      known.route.signal(Operation.Link, [process.pid, pid])
      return
    }
    const route = this.#routes(pid.node.name)
    const link = new Link(process, pid, route)
    this.#add(link)
    if (route.isUp) this.#request(link)
    else route.whenUp(new WaitingLink(this, link))
  }

  /** `unlink/1`: until the other side acknowledges, what comes through the link means nothing. */
  unlink(process: Process, pid: Pid): void {
    const link = findLink(process.links, pid)
    if (link === undefined || link.unlinkId !== 0) return
    const { route } = link
    this.#unlinks += 1
    if (route.isUp && route.features.unlinkIds) link.unlinkId = this.#unlinks
    else this.#remove(link)
    route.signal(Operation.UnlinkId, [this.#unlinks, process.pid, pid])
  }

  /**
   * LINK. A process that does not exist answers as one that ends: EXIT with `noproc`; one link too
   * many is one that breaks, with `system_limit`.
   *
   * Shape:  {1, From, To}; answer {3 or 24, To, From} with a reason.
   */
  linked(process: Process | undefined, from: Pid, to: Pid, route: Route): void {
    if (process === undefined) void route.post(Operation.Exit, [to, from], atom('noproc'))
    else if (findLink(process.links, from) === undefined) {
      if (this.#admits(route)) this.#establish(this.#add(new Link(process, from, route)))
      else void route.post(Operation.Exit, [to, from], atom('system_limit'))
    }
  }

  /** UNLINK_ID, UNLINK of old peers. Acknowledging is the router's part: it is due in any case. */
  unlinked(process: Process | undefined, from: Pid): void {
    const link = findLink(process?.links, from)
    if (link?.unlinkId === 0) this.#remove(link)
  }

  /** UNLINK_ID_ACK: counts for the last unlink only. */
  unlinkAcknowledged(process: Process | undefined, from: Pid, id: Term | undefined): void {
    const link = findLink(process?.links, from)
    if (link !== undefined && link.unlinkId !== 0 && link.unlinkId === id) this.#remove(link)
  }

  /** EXIT: the other end has ended. Without a link it means nothing. */
  broken(process: Process | undefined, from: Pid, reason: Term): void {
    const link = findLink(process?.links, from)
    if (link?.unlinkId === 0) this.#break(link, reason)
  }

  /** Tells the other ends that a process is over. */
  processEnded(process: Process, reason: TermInput, encode: EncodeOptions | undefined): void {
    const { links } = process
    if (links === undefined) return
    process.links = undefined
    for (const link of linksOf(links)) {
      this.#byRoute.get(link.route)?.delete(link)
      if (link.unlinkId !== 0 || !link.route.isUp) continue
      postReason(process, link.route, Operation.Exit, [process.pid, link.pid], reason, encode)
    }
  }

  /**
   * Every link over a lost channel breaks, with `noconnection`, unless whoever hears of one takes
   * another back.
   */
  routeLost(route: Route): void {
    const links = this.#byRoute.get(route)
    if (links === undefined) return
    this.#byRoute.delete(route)
    for (const link of links) {
      if (link.unlinkId === 0) this.routeFailed(link)
      else this.#remove(link)
    }
  }

  /** @internal The channel to a process that was linked meanwhile is up. */
  routeUp(link: Link): void {
    if (this.#isCurrent(link)) this.#request(link)
  }

  /** @internal No channel came up, or it is lost. */
  routeFailed(link: Link): void {
    if (this.#isCurrent(link)) this.#break(link, atom('noconnection'))
  }

  #request(link: Link): void {
    const { process, pid, route } = link
    this.#establish(link)
    if (!isOfEarlierLife(pid, route)) route.signal(Operation.Link, [process.pid, pid])
    else queueMicrotask(() => this.#isCurrent(link) && this.#break(link, atom('noproc')))
  }

  #isCurrent(link: Link): boolean {
    return findLink(link.process.links, link.pid) === link
  }

  #break(link: Link, reason: Atom | Term): void {
    this.#remove(link)
    link.process.signalled(link.pid, reason, ExitKind.Link)
  }

  #add(link: Link): Link {
    link.process.links = withLink(link.process.links, link)
    return link
  }

  #establish(link: Link): void {
    const ofRoute = this.#byRoute.get(link.route)
    if (ofRoute === undefined) this.#byRoute.set(link.route, new Set([link]))
    else ofRoute.add(link)
  }

  #remove(link: Link): void {
    const { process, route } = link
    this.#byRoute.get(route)?.delete(link)
    process.links = withoutLink(process.links, link)
  }
}

/** A link whose LINK has to wait for the channel. */
class WaitingLink implements Waiting {
  readonly whenDown = 'fail'
  readonly #links: Links
  readonly #link: Link

  constructor(links: Links, link: Link) {
    this.#links = links
    this.#link = link
  }

  snapshot(): number {
    return 0
  }

  routeUp(): void {
    this.#links.routeUp(this.#link)
  }

  routeFailed(): void {
    this.#links.routeFailed(this.#link)
  }
}
