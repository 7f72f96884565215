/** Jinterface: OtpInputStream.read_any and OtpOutputStream.write_any. */
export const available = (context) => context.jinterface !== '' || 'no OtpErlang.jar or no JDK'
export const command = (context) => ({
  cmd: 'java',
  args: ['-cp', `${context.jinterface}:${context.build()}`, 'CodecBench', context.corpusDir],
})
