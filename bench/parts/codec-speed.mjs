/** How many times as fast as the other codecs beamlink is, beside what is wanted. */
import { atLeast, atMost, markOf, targetOf } from '../lib/goals.mjs'
import { geometricMean, medianRatio } from '../lib/statistics.mjs'
import { figure, printTable } from '../lib/table.mjs'
import { PEERS, SPEED, TEXT_PEERS } from './codec-goals.mjs'

const COMPARISONS = [
  { title: 'decode', operation: 'decode', ours: 'beamlink', main: 'beamlink-main', peers: PEERS },
  {
    title: 'decode to strings and objects',
    operation: 'decode',
    ours: 'beamlink-utf8',
    main: 'beamlink-main-utf8',
    peers: TEXT_PEERS,
  },
  { title: 'encode', operation: 'encode', ours: 'beamlink', main: 'beamlink-main', peers: PEERS },
]
/** A view of it costs next to nothing, which moves a mean over few terms far: so there are two. */
const VIEW = 'bin_1m'
const RIGHT = /^same /

const isRight = (row) => row.samples.length > 0 && RIGHT.test(row.check)

function fastestOf(rows, names) {
  const right = rows.filter((row) => names.includes(row.codec) && isRight(row))
  return right.reduce(
    (best, row) => (best === undefined || row.ns < best.ns ? row : best),
    undefined,
  )
}

const timesAsFast = (ours, theirs) => medianRatio(theirs?.samples ?? [], ours?.samples ?? [])

function speedOf(rows, corpus, { operation, ours, main, peers }) {
  const all = rows.filter((row) => row.corpus === corpus && row.operation === operation)
  const of = (codec) => all.find((row) => row.codec === codec)
  const mine = of(ours)
  const peer = fastestOf(all, peers)
  const walk = of('ei')
  const room = timesAsFast(walk, peer)
  return {
    corpus,
    peer: peer?.codec,
    peers: timesAsFast(mine, peer),
    json: timesAsFast(mine, of('json')),
    jsonMain: timesAsFast(of(main), of('json')),
    ei: medianRatio(mine?.samples ?? [], walk?.samples ?? []),
    hasRoom: room === undefined || room >= SPEED[operation].peers.least,
  }
}

const others = (speeds) => speeds.filter(({ corpus }) => corpus !== VIEW)
const measured = (speeds, key) => speeds.filter((speed) => speed[key] !== undefined)

function mean(speeds, key) {
  const found = measured(speeds, key)
  return found.length === 0 ? undefined : geometricMean(found.map((speed) => speed[key]))
}

/** The speed that is furthest on the wrong side: the least, or with `isMost` the greatest. */
function worst(speeds, key, isMost = false) {
  const sign = isMost ? -1 : 1
  return measured(speeds, key).sort((x, y) => sign * (x[key] - y[key]))[0]
}

/** The goals of one operation. The worst term is named. */
function goalsOf({ title, operation }, speeds) {
  const { peers, json, jsonMain, ei } = SPEED[operation]
  const named = (text, found) => (found === undefined ? text : `${text}: ${found.corpus}`)
  const least = (text, key, target, some = speeds) => {
    const found = worst(some, key)
    return atLeast('codec', named(`${title}: ${text}`, found), found?.[key], target)
  }
  const means = (text, key, target) => [
    atLeast('codec', `${title}: ${text}, mean`, mean(speeds, key), target),
    atLeast('codec', `${title}: ${text}, mean without ${VIEW}`, mean(others(speeds), key), target),
  ]
  const roomy = speeds.filter((speed) => speed.hasRoom)
  const slowest = worst(speeds, 'ei', true)
  return [
    ...means('times the fastest peer', 'peers', peers.mean),
    least('times the fastest peer, least', 'peers', peers.least, roomy),
    ...means('times JSON', 'json', json.mean),
    least('times JSON, least', 'json', json.least),
    ...means('JavaScript share, times JSON', 'jsonMain', jsonMain),
    atMost('codec', named(`${title}: time over ei, most`, slowest), slowest?.ei, ei),
  ]
}

function line(speed, wanted) {
  const cells = (key, goal) => [
    figure(speed[key]),
    markOf(speed[key] === undefined ? undefined : goal),
  ]
  const { peers, json, ei } = wanted
  const ofPeers = speed.peers === undefined ? undefined : atLeast('', '', speed.peers, peers.least)
  return [
    speed.corpus,
    speed.peer ?? '',
    figure(speed.peers),
    speed.hasRoom ? markOf(ofPeers) : 'no room',
    ...cells('json', atLeast('', '', speed.json, json.least)),
    figure(speed.jsonMain),
    ...cells('ei', atMost('', '', speed.ei, ei)),
  ]
}

function printSpeeds({ title, operation, ours }, speeds) {
  const wanted = SPEED[operation]
  const means = (some) => [
    ...[figure(mean(some, 'peers')), '', figure(mean(some, 'json')), ''],
    ...[figure(mean(some, 'jsonMain')), figure(mean(some, 'ei')), ''],
  ]
  const goals = [
    ...[targetOf(atLeast('', '', 0, wanted.peers.mean)), ''],
    ...[targetOf(atLeast('', '', 0, wanted.json.mean)), ''],
    ...[
      targetOf(atLeast('', '', 0, wanted.jsonMain)),
      `each ${targetOf(atMost('', '', 0, wanted.ei))}`,
    ],
  ]
  printTable(
    `${title}: ${ours} is so many times as fast, median of the rounds (each term at least ` +
      `${wanted.peers.least} times the fastest peer that gets it right, ${wanted.json.least} times JSON)`,
    ['corpus', 'fastest peer', 'times it', '', 'times JSON', '', 'share/JSON', 'time/ei', ''],
    [
      ...speeds.map((speed) => line(speed, wanted)),
      ['geometric mean', '', ...means(speeds)],
      [`without ${VIEW}`, '', ...means(others(speeds))],
      ['goal of the mean', '', ...goals, ''],
    ],
  )
}

/** Prints one table per operation; returns the rows for the results, and the goals. */
export function printCodecSpeeds(rows) {
  const corpora = [...new Set(rows.map((row) => row.corpus))]
  const speeds = []
  const goals = []
  for (const comparison of COMPARISONS) {
    const { ours, operation } = comparison
    if (!rows.some((row) => row.codec === ours && row.operation === operation)) continue
    const found = corpora.map((corpus) => speedOf(rows, corpus, comparison))
    printSpeeds(comparison, found)
    goals.push(...goalsOf(comparison, found))
    speeds.push(...found.map((speed) => ({ codec: ours, operation, speed })))
  }
  return { speeds, goals }
}
