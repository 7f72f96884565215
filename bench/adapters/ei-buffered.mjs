/** Raw libei in C over socket callbacks that batch reads and writes: ei with few system calls. */
export const command = (context) => ({
  cmd: context.build('dist'),
  args: [context.node('ei-buffered'), context.peer, context.cookie, 'buffered'],
  env: { BENCH_ROW: context.rowFile },
})
