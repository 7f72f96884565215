import { AbortListeners } from '../../node/abort-listeners.js'

/** What the signals of programs end: readers, and waits for results. */
export const aborts = new AbortListeners()
