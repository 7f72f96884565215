import { invalidArgument } from '../errors.js'
import { ErlangNode } from '../index.js'

/** Errors: TypeError for what is no node. */
export function checkNode(node: unknown): ErlangNode {
  if (node instanceof ErlangNode) return node
  throw invalidArgument('node', 'an ErlangNode', node)
}
