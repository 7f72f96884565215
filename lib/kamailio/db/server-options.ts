import {
  checkChoice,
  checkNames,
  checkObject,
  checkText,
  checkTimeout,
} from '../../base/validate.js'
import { outOfRange } from '../../errors.js'
import type { AnswerRules } from './answer.js'
import type { AgreedTexts } from './column-value.js'

const failedWritesChoices = ['auto', 'silence', 'answer'] as const

/** Options of `serveDatabase`. */
export interface DatabaseServerOptions extends Partial<AnswerRules> {
  /**
   * What the caller of a failed insert, update, … gets. db_erlang takes any answer for success, and
   * fails after its 5 seconds without one; others can read `{error, Reason}`. `'auto'` (default):
   * silence for a caller that tags its call as db_erlang does, an answer for every other.
   */
  readonly failedWrites?: (typeof failedWritesChoices)[number]
  /** How long an asynchronous store may take, in milliseconds; 4,000 by default. */
  readonly storeTimeoutMs?: number
}

export type ResolvedServerOptions = AnswerRules & Required<DatabaseServerOptions>

/** What both sides of an agreement take unless they are told otherwise. */
export const agreedTexts: AgreedTexts = { nullText: '<null>', emptyText: ' ' }

const defaults: ResolvedServerOptions = {
  ...agreedTexts,
  nullNumbers: 'zero',
  failedWrites: 'auto',
  storeTimeoutMs: 4_000,
}

/** Errors: TypeError and RangeError name the option, the rule and the value. */
export function resolveServerOptions(options: DatabaseServerOptions): ResolvedServerOptions {
  checkNames('serveDatabase', checkObject('options', options), Object.keys(defaults))
  const { failedWrites, nullNumbers, storeTimeoutMs } = { ...defaults, ...options }
  return {
    ...resolveTexts(options),
    nullNumbers: checkChoice('nullNumbers', nullNumbers, ['zero', 'text']),
    failedWrites: checkChoice('failedWrites', failedWrites, failedWritesChoices),
    storeTimeoutMs: checkTimeout('storeTimeoutMs', storeTimeoutMs),
  }
}

/** Errors: TypeError and RangeError, also for two texts that are one. */
export function resolveTexts(options: Partial<AgreedTexts>): AgreedTexts {
  const nullText = checkText('nullText', options.nullText ?? agreedTexts.nullText)
  const emptyText = checkText('emptyText', options.emptyText ?? agreedTexts.emptyText)
  // As an atom it may have no more.
  if (nullText.length > 255) throw outOfRange('nullText', 'at most 255 characters', nullText)
  if (nullText === emptyText) throw outOfRange('emptyText', 'another than nullText', emptyText)
  return { nullText, emptyText }
}
