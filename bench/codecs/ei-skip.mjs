/**
 * libei alone in C: decode = ei_skip_term only (validation); encode = a fresh ei_x_buff each time.
 */
export const command = (context) => ({ cmd: context.build('codec'), args: [context.corpusDir] })
export const operations = { decode: 'skip', encode: 'encode_fresh' }
