import { atomName } from '../../node/atom-name.js'
import { isList, isTermMap, isTuple, type Term } from '../../term/term.js'

/** What means something here of the options of `spawn_opt`. */
export interface SpawnOptions {
  readonly links: boolean
  readonly monitors: boolean
}

type Check = (value: Term) => boolean

/** Heaps and priorities mean nothing to a process in JavaScript, but what is misspelt is told. */
const settings = new Map<string | undefined, Check>([
  ['async_dist', (value) => typeof value === 'boolean'],
  ['fullsweep_after', isCount],
  ['max_heap_size', (value) => isCount(value) || isTermMap(value)],
  ['message_queue_data', isOneOf('off_heap', 'on_heap', 'mixed')],
  ['min_bin_vheap_size', isCount],
  ['min_heap_size', isCount],
  ['scheduler', isCount],
  ['priority', isOneOf('low', 'normal', 'high', 'max')],
])

/** Undefined for what Erlang answers with `badopt`. */
export function readSpawnOptions(options: Term | undefined): SpawnOptions | undefined {
  if (!isList(options)) return undefined
  let links = false
  let monitors = false
  for (const option of options) {
    const [name, value] = isTuple(option, 2) ? option : [option, []]
    const text = atomName(name)
    // Alone, or with options of their own, which are about priorities and for whoever asks.
    if (text === 'link' && isList(value)) links = true
    else if (text === 'monitor' && isList(value)) monitors = true
    else if (settings.get(text)?.(value) !== true) return undefined
  }
  return { links, monitors }
}

function isCount(value: Term): boolean {
  return (typeof value === 'number' || typeof value === 'bigint') && value >= 0
}

function isOneOf(...names: string[]): Check {
  return (value) => names.includes(atomName(value) ?? '')
}
