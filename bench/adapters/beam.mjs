/** Another Erlang VM: rpc:call, erpc:call, gen_server:call, `!`; 1 and 64 calling processes. */
export const command = (context) => ({
  cmd: 'erl',
  args: [...context.erl('beam'), '-run', 'bench_beam', 'main'],
  env: { BENCH_PEER: context.peer, BENCH_ROW: context.rowFile },
})
