import { atom, type ErlangNode, isAtom, isList, isTuple, type Term, text } from '../../index.js'
import { atomText } from '../term-text.js'
import type { Complete } from './line-reader.js'

/** A person waits for it at the key. */
const timeoutMs = 2_000

/** Completes `lis` with the modules of a peer, and `lists:se` with the functions of one. */
export function completionAt(node: ErlangNode, peer: string): Complete {
  let modules: Promise<string[]> | undefined
  const functions = new Map<string, Promise<string[]>>()
  return async (line) => {
    const [, module, beginning = ''] =
      /(?:^|[^\w@':])(?:('[^']*'|[a-z][\w@]*):)?('[^']*|[a-z][\w@]*)?$/.exec(line) ?? []
    if (module === undefined) {
      if (beginning === '') return [[], '']
      modules ??= allModules(node, peer)
      const names = await modules
      return [matching(names, beginning).map((name) => `${name}:`), beginning]
    }
    const known = functions.get(module) ?? functionsOf(node, peer, unquoted(module))
    functions.set(module, known)
    return [matching(await known, beginning).map((name) => `${name}(`), beginning]
  }
}

function matching(names: readonly string[], beginning: string): string[] {
  return names.filter((name) => name.startsWith(beginning))
}

function unquoted(name: string): string {
  return name.replace(/^'(.*)'$/, '$1')
}

/** Those that are loaded, and those that could be. */
async function allModules(node: ErlangNode, peer: string): Promise<string[]> {
  const available = await node
    .rpc(peer, 'code', 'all_available', [], { timeoutMs })
    .then(firstTexts, () => [])
  const loaded = await node.rpc(peer, 'erlang', 'loaded', [], { timeoutMs })
  const names = isList(loaded) ? loaded.flatMap(nameOf) : []
  return [...new Set([...available, ...names])].map(atomText).sort()
}

function firstTexts(list: Term): string[] {
  if (!isList(list)) return []
  return list.flatMap((each) => (isTuple(each) ? [text(each[0] as never)] : []))
}

function nameOf(term: Term): string[] {
  return isAtom(term) ? [term.name] : []
}

async function functionsOf(node: ErlangNode, peer: string, module: string): Promise<string[]> {
  const exports = await node.rpc(peer, module, 'module_info', [atom('exports')], { timeoutMs })
  const names = isList(exports)
    ? exports.flatMap((each) => (isTuple(each) ? nameOf(each[0] as Term) : []))
    : []
  return [...new Set(names)].map(atomText).sort()
}
