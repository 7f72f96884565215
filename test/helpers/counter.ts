import { atom, type ServerCallbacks, type Term } from 'beamlink'

/** A server that counts: casts add, the call `get` reads, and any other call is a mistake. */
export function counter(count = 0): ServerCallbacks {
  let state: Term = count
  return {
    call(request) {
      if (request === atom('get')) return state
      throw new RangeError('no such request')
    },
    cast(by: number) {
      state = Number(state) + by
    },
    state: () => state,
    replaceState(value) {
      state = value
    },
  }
}
