/** The Erlang VM: binary_to_term/1 and term_to_binary/2 (minor_version 2). */
export const command = (context) => ({
  cmd: 'erl',
  args: ['-noshell', '-pa', context.build(), '-run', 'bench_codec', 'main', context.corpusDir],
})
