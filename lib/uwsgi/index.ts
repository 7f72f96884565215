/**
 * The Erlang functions of uWSGI: {@link UwsgiErlang}.
 *
 * @module beamlink/uwsgi
 */
export {
  type UwsgiDestination,
  UwsgiErlang,
  type UwsgiErlangOptions,
  type WaitLimit,
} from './erlang.js'
export { ErlangHandle } from './handle.js'
