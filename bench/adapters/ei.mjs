/** Raw libei in C, blocking calls, one thread: what ei itself costs. */
export const command = (context) => ({
  cmd: context.build('dist'),
  args: [context.node('ei'), context.peer, context.cookie],
  env: { BENCH_ROW: context.rowFile },
})
