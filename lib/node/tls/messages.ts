import type { ErlangErrorCode } from '../../errors.js'
import type { CallerCertificate } from '../access/certificate.js'
import type { TlsChoice } from './choice.js'

/** What the thread of TLS and the node say to each other. */

/** What a thread begins with. */
export interface Assignment {
  readonly choice: TlsChoice
  /** For an incoming connection, until TLS is agreed. */
  readonly handshakeTimeoutMs: number
}

/** From the node to the thread. The node numbers the streams that it opens, from 1. */
export type Down =
  | { readonly kind: 'listen'; readonly address: string; readonly port: number }
  | {
      readonly kind: 'open'
      readonly stream: number
      readonly peer: string
      readonly address: string
      readonly port: number
    }
  /** The stream is joined to the reactor by that descriptor, which is the thread's to close. */
  | { readonly kind: 'join'; readonly stream: number; readonly end: number }
  /** The stream is not wanted (any more). Answered by `ended`. */
  | { readonly kind: 'end'; readonly stream: number }

/** From the thread to the node. The thread numbers the streams that peers have made, from -1 down. */
export type Up =
  | { readonly kind: 'listening'; readonly port: number }
  | { readonly kind: 'listenFailed'; readonly message: string }
  | { readonly kind: 'opened'; readonly stream: number }
  | {
      readonly kind: 'called'
      readonly stream: number
      readonly address: string
      readonly certificate: CallerCertificate | undefined
    }
  /** The descriptor is open. */
  | { readonly kind: 'joined'; readonly stream: number }
  /** The last that is heard of a stream. */
  | { readonly kind: 'ended'; readonly stream: number; readonly fault: Fault | undefined }
  | {
      readonly kind: 'refused'
      readonly address: string
      readonly why: string
      readonly count: number
    }

/** Why a stream has failed. */
export interface Fault {
  readonly code: ErlangErrorCode
  readonly message: string
}
