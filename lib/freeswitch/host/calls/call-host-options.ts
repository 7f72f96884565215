import { checkBoolean, checkChoice, checkTimeout } from '../../../base/validate.js'
import { checkWhenHandlerGone, type WhenHandlerGone } from './release.js'

/** How an event host deals with calls and with XML. */
export interface CallHostOptions {
  /**
   * Which orders of `{handlecall, …}` with a name are understood: `'both'` by default. FreeSWITCH knows
   * `{handlecall, Name, UUID}`, its documents `{handlecall, UUID, Name}`.
   */
  readonly handlecallOrder?: 'both' | 'strict'
  /** How long to wait for the pid of a handler; 5,000 ms by default. */
  readonly attachTimeoutMs?: number
  /** How long to wait for an answer to an XML fetch; 5,000 ms by default. */
  readonly fetchTimeoutMs?: number
  /** What becomes of a call whose last handler has died; `'continue'` by default. */
  readonly whenHandlerDies?: WhenHandlerGone
  /** The same when the node of its handler is lost; as `whenHandlerDies` by default. */
  readonly whenNodeIsLost?: WhenHandlerGone
  /** Whether handlers with a name are watched, so that their end is noticed; false by default. */
  readonly monitorHandlers?: boolean
}

export const callHostOptionNames = [
  'handlecallOrder',
  'attachTimeoutMs',
  'fetchTimeoutMs',
  'whenHandlerDies',
  'whenNodeIsLost',
  'monitorHandlers',
]

const fiveSeconds = 5_000
const longestTimeoutMs = 2 ** 31 - 1

export function resolveCallHostOptions(options: CallHostOptions): Required<CallHostOptions> {
  const { handlecallOrder = 'both', whenHandlerDies = 'continue' } = options
  const { whenNodeIsLost = whenHandlerDies, monitorHandlers = false } = options
  return {
    handlecallOrder: checkChoice('handlecallOrder', handlecallOrder, ['both', 'strict']),
    attachTimeoutMs: timeoutOf('attachTimeoutMs', options.attachTimeoutMs),
    fetchTimeoutMs: timeoutOf('fetchTimeoutMs', options.fetchTimeoutMs),
    whenHandlerDies: checkWhenHandlerGone('whenHandlerDies', whenHandlerDies),
    whenNodeIsLost: checkWhenHandlerGone('whenNodeIsLost', whenNodeIsLost),
    monitorHandlers: checkBoolean('monitorHandlers', monitorHandlers),
  }
}

/** Timers of Node know no more than 24 days. */
function timeoutOf(name: string, value: number | undefined): number {
  return Math.min(checkTimeout(name, value ?? fiveSeconds), longestTimeoutMs)
}
