import { readFileSync } from 'node:fs'
import path from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { expect } from 'vitest'
import type { ErlNode } from './erl-node.js'
import type { FarNode } from './far-node.js'
import { withDeadline } from './waiting.js'

/** What has passed between a node of ours and its peer (`test/fixtures/traffic.mjs`). */
export interface TrafficReport {
  readonly sent: number
  readonly acknowledged: number
  readonly unknown: number
  readonly received: number
  readonly missing: number
  /** What a connection must not do: empty. */
  readonly breaches: readonly string[]
}

export interface Traffic {
  readonly sent: number
  stop(): Promise<TrafficReport>
  end(): void
  report(): TrafficReport
}

/** Calls, servers and processes beside the messages (`test/fixtures/call-load.mjs`). */
export interface CallLoad {
  stop(): Promise<CallReport>
}

export interface CallReport {
  readonly done: Readonly<Record<string, number>>
  /** By the code of their error: those that met a fault. */
  readonly failed: Readonly<Record<string, number>>
  /** Wrong answers, and signals that came twice or not at all: empty. */
  readonly breaches: readonly string[]
  readonly p50Ms: number
  readonly p99Ms: number
}

/** What must be the same again when all is over. */
export interface Footing {
  readonly descriptors: number
  readonly threads: number
  readonly pendingCalls: number
  readonly processes: number
}

const module = readFileSync(path.join(__dirname, '../fixtures/traffic.erl'), 'utf8')

/** Loads and starts the Erlang side. */
export async function startTrafficAt(erl: ErlNode, node: string): Promise<void> {
  await erl.load(module)
  await erl.eval(`traffic:start('${node}')`)
}

/** Starts ours; the peer has to be connected by somebody. */
export async function startTraffic(far: FarNode, peer: string, payloadBytes = 64): Promise<void> {
  await far.run(
    (side, to, bytes) => {
      side.kept.traffic = new side.Traffic(side.node, to, bytes)
    },
    peer,
    payloadBytes,
  )
}

/** Resolves when so many more have been acknowledged. */
export async function untilAcknowledged(far: FarNode, count: number): Promise<void> {
  const acknowledged = () => far.run((side) => side.kept.traffic?.report().acknowledged ?? 0)
  const goal = (await acknowledged()) + count
  const arrived = async () => {
    while ((await acknowledged()) < goal) await turn()
  }
  await withDeadline(arrived(), `${count} more acknowledgements`, 20_000)
}

/** Ends our side; nothing was lost or doubled while connected. */
export async function settledTraffic(far: FarNode): Promise<TrafficReport> {
  const report = await withDeadline(
    far.run((side) => side.kept.traffic?.stop()),
    'the last acknowledgement',
    20_000,
  )
  await far.run((side) => side.kept.traffic?.end())
  expect(report?.breaches).toEqual([])
  return report as TrafficReport
}

/** Waits until the side stands as before: descriptors, threads, calls and processes. */
export async function expectFooting(far: FarNode, before: Footing): Promise<void> {
  let now: Footing | undefined
  const isSame = async () => {
    for (;;) {
      now = await far.run((side) => side.footing())
      if (JSON.stringify(now) === JSON.stringify(before)) return
      await turn()
    }
  }
  await withDeadline(isSame(), 'the same footing', 10_000).catch(() => undefined)
  expect(now).toEqual(before)
}
