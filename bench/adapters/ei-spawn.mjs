/**
 * Calls by SPAWN_REQUEST, as Erlang and beamlink make them, in C without decoding: the least that
 * this protocol costs. `ei` and `ei-buffered` call through `rex`, which answers with one message
 * where a spawn request is answered with two.
 */
export const command = (context) => ({
  cmd: context.build('spawn'),
  args: [context.node('ei-spawn'), context.peer, context.cookie],
})
