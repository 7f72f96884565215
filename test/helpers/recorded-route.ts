import { decode, encode } from '../../lib/native/codec.js'
import type { Operation } from '../../lib/native/contract.js'
import type { EncodeOptions } from '../../lib/native/options.js'
import { allFeatures, type Features } from '../../lib/node/features.js'
import { BytesFrame } from '../../lib/node/frames.js'
import { type Charged, type Route, settled, type Waiting } from '../../lib/node/route.js'
import { Atom } from '../../lib/term/atom.js'
import type { Term, TermInput } from '../../lib/term/term.js'

/** What was sent over a `RecordedRoute`; the payload as the peer would read it. */
export interface SentFrame {
  readonly operation: Operation
  readonly fields: readonly TermInput[]
  readonly payload?: Term
}

/** A way to a peer that keeps what is sent, for what no real peer can be made to do. */
export class RecordedRoute implements Route {
  readonly name: string
  readonly node: Atom
  readonly features: Features
  isUp = true
  creation = 0
  readonly failure = undefined
  readonly sent: SentFrame[] = []
  consumedBytes = 0
  pendingCalls = 0

  constructor(name: string, features: Partial<Features> = {}) {
    this.name = name
    this.node = Atom.intern(name)
    this.features = { ...allFeatures, ...features }
  }

  signal(operation: Operation, fields: readonly TermInput[]): void {
    this.sent.push({ operation, fields })
  }

  post(
    operation: Operation,
    fields: readonly TermInput[],
    payload: TermInput,
    options?: EncodeOptions,
  ): Promise<void> {
    this.sent.push({ operation, fields, payload: decode(encode(payload, options)) })
    return settled
  }

  consumed({ charge }: Charged): void {
    this.consumedBytes += charge
  }

  whenUp(waiting: Waiting): void {
    waiting.routeUp(this)
  }

  forget(): void {}

  refusal(): undefined {
    return undefined
  }

  callStarted(): void {
    this.pendingCalls += 1
  }

  callEnded(): void {
    this.pendingCalls -= 1
  }
}

/** A frame as it would arrive; with a payload, its operation has one. */
export function frameOf(
  operation: Operation,
  fields: readonly Term[],
  payload?: TermInput,
): BytesFrame {
  return new BytesFrame(operation, fields, payload === undefined ? undefined : encode(payload))
}
