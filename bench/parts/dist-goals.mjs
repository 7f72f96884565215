/** What beamlink has to reach over loopback, in medians of the ratios within one run. */

/** The least of its rate over that of a peer. Of two for one pair the higher is what is to come. */
export const RATES = [
  { case: 'rpc_64', peer: 'ei', least: 0.9 },
  { case: 'rpc_64', peer: 'ei-spawn', least: 0.9 },
  { case: 'rpc_64', peer: 'ei-buffered', least: 0.95 },
  { case: 'rpc_64', peer: 'beam', least: 1 },
  { case: 'rpc_64', peer: 'beam', least: 1.3 },
  { case: 'gs_64', peer: 'beam', least: 1.5 },
  { case: 'echo_64', peer: 'ei-buffered', least: 0.95 },
  { case: 'echo_64', peer: 'beam', least: 1 },
  { case: 'called_64', peer: 'beam', least: 1.2 },
  { case: 'served_64', peer: 'beam', least: 1.2 },
  { case: 'in_100', peer: 'ei-buffered', least: 1 },
  { case: 'out_100', peer: 'ei-buffered', least: 1 },
  { case: 'in_64k', peer: 'ei', least: 0.7 },
  { case: 'out_64k', peer: 'ei', least: 0.7 },
  { case: 'in_64k', peer: 'ei-buffered', least: 0.9 },
  { case: 'out_64k', peer: 'ei-buffered', least: 0.9 },
]

/** The most of its median latency over that of a peer. */
export const LATENCIES = [
  { case: 'rpc_1', peer: 'ei', most: 1.15 },
  { case: 'echo_1', peer: 'ei', most: 1.15 },
  { case: 'called_1', peer: 'beam', most: 1 / 0.9 },
  { case: 'served_1', peer: 'beam', most: 1 / 0.9 },
]

/** The most of its CPU time for each message over that of a peer. */
export const CPU = [{ case: 'out_100', peer: 'jinterface', most: 0.5 }]

/** How late the event loop may be, in milliseconds, in 99 of 100 turns under a flood. */
export const LOOP = { case: 'out_100', mostMs: 10 }
