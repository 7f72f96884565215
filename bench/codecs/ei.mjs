/**
 * libei alone in C: decode = an ei_decode_* walk with copies; encode = ei_x_encode_* from a C tree.
 */
export const command = (context) => ({ cmd: context.build('codec'), args: [context.corpusDir] })
export const operations = { decode: 'decode', encode: 'encode' }
