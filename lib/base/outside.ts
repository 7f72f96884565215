import { AsyncLocalStorage } from 'node:async_hooks'

/**
 * Runs `work` outside of every `AsyncLocalStorage`. What a handler does is not the doing of whoever
 * happened to start the first node, to set the timer, or to send the first of many messages.
 */
export const outside: <Value>(work: () => Value) => Value = AsyncLocalStorage.snapshot()
