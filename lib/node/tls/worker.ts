import { parentPort, workerData } from 'node:worker_threads'
import { Carrier } from './carrier.js'
import type { Assignment, Down, Up } from './messages.js'

/** Where the thread of TLS begins, one for each node that has the option `tls`. */
const port = parentPort
if (port === null) throw new Error('this file is for a worker thread')

const carrier = new Carrier(workerData as Assignment, (message: Up) => port.postMessage(message))
port.on('message', (message: Down) => carrier.received(message))
