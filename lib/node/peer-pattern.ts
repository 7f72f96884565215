import { invalidArgument, outOfRange } from '../errors.js'

/**
 * Which peers something is for: full node names, in which `*` stands for any text
 * (`'shop@10.0.0.*'`, `'*@shop.example.org'`, `'*'`), or a function that says yes with `true` and
 * with nothing else.
 */
export type PeerChoice = readonly string[] | ((peer: string) => boolean)

/** Whether a peer, by its full name, is meant. Never throws. */
export type PeerTest = (peer: string) => boolean

const patternCharacters = /^[A-Za-z0-9_*-]+@[A-Za-z0-9_.:*-]+$/
const anyPeer = '*'

/**
 * Checks a choice of peers and makes it a test.
 *
 * A function may be called for each message of a peer. What it throws means no, and is thrown again
 * on the next tick, where it unwinds nothing.
 *
 * Errors: TypeError for what is neither an array of strings nor a function, RangeError for a text that
 *         can be no name of a node.
 */
export function resolvePeerChoice(argument: string, choice: PeerChoice): PeerTest {
  if (typeof choice === 'function') return (peer) => saysYes(choice, peer)
  if (!Array.isArray(choice)) {
    throw invalidArgument(argument, 'an array of node names or a function', choice)
  }
  const names = new Set<string>()
  const patterns: string[] = []
  for (const pattern of choice) {
    checkPattern(argument, pattern)
    if (pattern.includes('*')) patterns.push(pattern)
    else names.add(pattern)
  }
  if (patterns.includes(anyPeer)) return () => true
  return (peer) => names.has(peer) || patterns.some((pattern) => matchesPattern(pattern, peer))
}

/**
 * Whether a text is what a pattern stands for, `*` being any text, of no length too. The time it
 * takes grows with both lengths, and no faster: peers choose their names.
 */
export function matchesPattern(pattern: string, text: string): boolean {
  let at = 0
  let wanted = 0
  /** Where to go on when it goes wrong: behind the last `*`, which then takes one character more. */
  let star = -1
  let taken = 0
  while (at < text.length) {
    if (pattern[wanted] === '*') {
      star = wanted
      taken = at
      wanted += 1
    } else if (pattern[wanted] === text[at]) {
      wanted += 1
      at += 1
    } else if (star >= 0) {
      taken += 1
      at = taken
      wanted = star + 1
    } else return false
  }
  while (pattern[wanted] === '*') wanted += 1
  return wanted === pattern.length
}

function checkPattern(argument: string, pattern: unknown): void {
  const rule = 'a node name such as "web@127.0.0.1", in which * stands for any text'
  if (typeof pattern !== 'string') throw invalidArgument(argument, rule, pattern)
  if (pattern !== anyPeer && !patternCharacters.test(pattern)) {
    throw outOfRange(argument, rule, pattern)
  }
}

function saysYes(choice: (peer: string) => boolean, peer: string): boolean {
  try {
    // A promise, say, is no yes.
    return choice(peer) === true
  } catch (error) {
    process.nextTick(() => {
      throw error
    })
    return false
  }
}
