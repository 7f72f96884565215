/** Floor: Node client and C server, plain frames over TCP. */
import { connectTcp } from '../lib/tcp-client.mjs'

export const server = 'c2'
export const connect = ({ tcp }) => connectTcp(tcp.c2)
