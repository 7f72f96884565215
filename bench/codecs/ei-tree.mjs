/**
 * libei alone in C: decode into a C tree, binaries by pointer; encode with ei_encode_* into memory
 * that is known to be large enough (no checks for growth).
 */
export const command = (context) => ({ cmd: context.build('codec'), args: [context.corpusDir] })
export const operations = { decode: 'tree', encode: 'encode_raw' }
