/** Floor: Node client and Node server, plain frames over TCP. */
import { connectTcp } from '../lib/tcp-client.mjs'

export const server = 'node'
export const connect = ({ tcp }) => connectTcp(tcp.node)
