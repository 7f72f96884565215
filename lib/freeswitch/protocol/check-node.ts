import { invalidArgument } from '../../errors.js'
import { ErlangNode } from '../../otp/erlang-node.js'

/** Errors: TypeError for what is no node of this package. */
export function checkNode(value: unknown): ErlangNode {
  if (value instanceof ErlangNode) return value
  throw invalidArgument('node', 'an ErlangNode, as ErlangNode.start gives it', value)
}
