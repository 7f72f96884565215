/** Jinterface (OtpConnection) on a JVM with default settings. */
export const available = (context) => context.jinterface !== '' || 'no OtpErlang.jar or no JDK'
export const command = (context) => ({
  cmd: 'java',
  args: [
    ...['-cp', `${context.jinterface}:${context.build()}`],
    ...['DistBench', context.node('java'), context.peer, context.cookie],
  ],
})
