/** Paths and tools shared by the parts. All is found relative to this folder or on PATH. */
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const project = path.dirname(path.dirname(fileURLToPath(new URL('.', import.meta.url))))

/** What a command prints, or nothing when it is absent or fails. */
function answerOf(command, ...args) {
  try {
    const stdio = ['ignore', 'pipe', 'ignore']
    return execFileSync(command, args, { encoding: 'utf8', stdio }).trim()
  } catch {
    return ''
  }
}

/** Path of Jinterface's jar, or '' when it or a JDK is missing: the Java peers are left out then. */
function findJinterface() {
  const ask = 'case code:lib_dir(jinterface) of {error, _} -> ok; D -> io:put_chars(D) end, halt().'
  const home = answerOf('erl', '-noshell', '-eval', ask)
  const jar = home && path.join(home, 'priv', 'OtpErlang.jar')
  return jar && existsSync(jar) && answerOf('javac', '-version') !== '' ? jar : ''
}

export const context = {
  root,
  project,
  peersDir: path.join(root, 'peers'),
  resultsDir: path.join(root, 'results'),
  corpusDir: path.join(root, 'build', 'corpus'),
  /** The row of the cases in_row and out_row, as ETF. */
  rowFile: path.join(root, 'build', 'corpus', 'elixir_row.etf'),
  build: (name = '') => path.join(root, 'build', name),
  jinterface: findJinterface(),
}

const peerRequire = createRequire(new URL('../peers/package.json', import.meta.url))

/** Loads an npm package that the benchmark compares with. */
export const requirePeer = (name) => peerRequire(name)

/** The same for one that is an ES module. */
export const importPeer = (name) => import(pathToFileURL(peerRequire.resolve(name)).href)

/** Whether a peer package is there; optional dependencies that fail to install are not. */
export function peerInstalled(name) {
  try {
    peerRequire.resolve(name)
    return true
  } catch {
    return `${name} is not installed`
  }
}
