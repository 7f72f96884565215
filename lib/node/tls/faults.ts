import { getSystemErrorMap } from 'node:util'
import type { Fault } from './messages.js'

/** An error of `node:tls`, of OpenSSL or of the system. */
export interface TlsError extends Error {
  readonly code?: string
  readonly syscall?: string
  readonly errno?: number
}

/** What the verification of a certificate says, where a person would not know what to do. */
const hints: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'it has expired',
  CERT_NOT_YET_VALID: 'it is not valid yet; compare the clocks',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'it is signed by itself, by no authority',
  SELF_SIGNED_CERT_IN_CHAIN: 'its authority is not the one of the option ca',
  UNABLE_TO_GET_ISSUER_CERT: 'its authority is not the one of the option ca',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its authority is not the one of the option ca',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its authority is not the one of the option ca',
}

/** Why a certificate is not trusted, by the code that OpenSSL's verification gives. */
export function distrust(code: string): string {
  return hints[code] ?? code.toLowerCase().replaceAll('_', ' ')
}

/** Alerts with which a peer tells that it does not like our certificate. */
const aboutCertificates =
  /ALERT_(?:CERTIFICATE|BAD_CERTIFICATE|UNKNOWN_CA|UNSUPPORTED_CERTIFICATE|ACCESS_DENIED|HANDSHAKE_FAILURE)|ALERT_.*CERTIFICATE/
const aboutVersions =
  /PROTOCOL_VERSION|UNSUPPORTED_PROTOCOL|NO_PROTOCOLS|VERSION_TOO|NO_SHARED_CIPHER|INSUFFICIENT_SECURITY|NO_CIPHERS/
/** What OpenSSL calls bytes that are no TLS. */
const noTls =
  /WRONG_VERSION_NUMBER|PACKET_LENGTH|HTTP_REQUEST|UNEXPECTED_MESSAGE|UNKNOWN_PROTOCOL|BAD_RECORD_TYPE|INVALID_/

/** Why a stream to `peer` has failed, in words for people. `isAgreed` once the handshake of TLS is done. */
export function dialFault(error: TlsError, peer: string, where: string, isAgreed: boolean): Fault {
  const { code = '', syscall } = error
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return {
      code: 'ERR_ERL_AUTH',
      message: `the certificate of ${peer} is of another host: ${error.message}`,
    }
  }
  const isClosed = code === 'EPIPE' || (code === 'ECONNRESET' && syscall !== 'connect')
  if (isClosed && !isAgreed) {
    return {
      code: 'ERR_ERL_NOCONNECTION',
      message: `${peer} closed the connection before TLS was agreed; it may be a node without TLS`,
    }
  }
  // With TLS 1.3 we are told that all is well before the peer has looked at our certificate.
  if (isClosed) {
    return {
      code: 'ERR_ERL_REFUSED',
      message: `${peer} closed the connection when TLS was agreed; it does not trust our certificate, or it has stopped`,
    }
  }
  if (syscall !== undefined) {
    const why = systemText(error)
    return {
      code: 'ERR_ERL_NOCONNECTION',
      message:
        syscall === 'connect'
          ? `cannot connect to ${where}: ${why}; is the node running there?`
          : `the connection to ${peer} broke: ${why}`,
    }
  }
  if (aboutVersions.test(code)) {
    return {
      code: 'ERR_ERL_PROTOCOL',
      message: `${peer} and this node have no version or cipher of TLS in common (${code})`,
    }
  }
  if (aboutCertificates.test(code)) {
    return {
      code: 'ERR_ERL_AUTH',
      message: `${peer} does not trust our certificate (${alertName(code)})`,
    }
  }
  if (noTls.test(code)) {
    return {
      code: 'ERR_ERL_PROTOCOL',
      message: `${peer} at ${where} does not speak TLS; it is a node without TLS, or no node`,
    }
  }
  if (!code.startsWith('ERR_')) {
    return {
      code: 'ERR_ERL_AUTH',
      message: `the certificate of ${peer} is not trusted: ${distrust(code)}`,
    }
  }
  return {
    code: 'ERR_ERL_PROTOCOL',
    message: `TLS with ${peer} failed: ${error.message} (${code})`,
  }
}

/** Why somebody who called was turned away before TLS was agreed. */
export function refusalOf(error: TlsError): string {
  const { code = '' } = error
  if (noTls.test(code)) return 'it does not speak TLS, and this node takes nothing else'
  if (aboutVersions.test(code)) return `no version or cipher of TLS in common (${code})`
  if (aboutCertificates.test(code)) return `it does not trust our certificate (${alertName(code)})`
  if (code === 'ERR_TLS_HANDSHAKE_TIMEOUT') return 'it did not agree on TLS in time'
  if (code === 'ECONNRESET') return 'it closed the connection before TLS was agreed'
  return `TLS failed: ${error.message}`
}

function alertName(code: string): string {
  return code
    .replace(/^.*ALERT_/, '')
    .toLowerCase()
    .replaceAll('_', ' ')
}

function systemText({ errno, message }: TlsError): string {
  return (errno === undefined ? undefined : getSystemErrorMap().get(errno)?.[1]) ?? message
}
