export { UwsgiErlang, type UwsgiErlangOptions } from './erlang.js'
export { ErlangHandle } from './handle.js'
