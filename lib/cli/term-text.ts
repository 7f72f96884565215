import { atom, format, type TermInput } from '../index.js'

/** The name of an atom as it is written in Erlang, with quotes where it needs them. */
export function atomText(name: string): string {
  return format(atom(name))
}

/** `lists:seq(1,3)` */
export function callText(module: string, name: string, args: readonly TermInput[]): string {
  return `${atomText(module)}:${atomText(name)}(${args.map(format).join(',')})`
}
