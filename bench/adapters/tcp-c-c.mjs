/** Floor: C client and C server, plain frames over TCP. */
export const server = 'c'
export const command = (context) => ({
  cmd: context.build('echo'),
  args: ['client', String(context.tcp.c)],
})
