/** A worker of Node that waits for messages, and that is all. */
import { parentPort } from 'node:worker_threads'

parentPort.on('message', () => undefined)
parentPort.postMessage('ready')
