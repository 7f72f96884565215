import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'

/**
 * An epmd and a real Erlang node of the demo's own. Both end when their input closes, so nothing is
 * left behind, however the demo ends; they are no part of its process group, so that Ctrl-C reaches
 * the demo first.
 */
export class ErlangSide {
  #children = []
  #folder
  epmdPort
  nodeName

  static async start({ alive, cookie }) {
    const side = new ErlangSide()
    side.#folder = await mkdtemp(path.join(tmpdir(), 'beamlink-demo-'))
    try {
      side.epmdPort = await freePort()
      side.nodeName = `${alive}@127.0.0.1`
      await side.#startEpmd()
      await side.#startErlang(cookie)
    } catch (error) {
      await side.stop()
      throw error
    }
    return side
  }

  async stop() {
    for (const child of this.#children.reverse()) {
      const gone = child.exitCode === null ? once(child, 'exit') : undefined
      child.stdin.end()
      await gone
    }
    this.#children = []
    await rm(this.#folder, { recursive: true, force: true })
  }

  #startEpmd() {
    const untilInputEnds = 'epmd -d -d -port "$0" -address 127.0.0.1 & read -r _; kill $!; wait $!'
    return this.#start(
      'sh',
      ['-c', untilInputEnds, String(this.epmdPort)],
      {},
      'main select() loop',
    )
  }

  #startErlang(cookie) {
    const sources = ['uwsgitest.erl', 'demo.erl'].map((file) =>
      path.join(import.meta.dirname, file),
    )
    const compiled = spawnSync('erlc', ['-o', this.#folder, ...sources], { encoding: 'utf8' })
    if (compiled.status !== 0) {
      throw new Error(`erlc failed: ${compiled.error?.message ?? compiled.stdout}`)
    }
    const names = ['-name', this.nodeName, '-setcookie', cookie]
    const loopback = ['-kernel', 'inet_dist_use_interface', '{127,0,0,1}']
    const program = ['-noshell', '-start_epmd', 'false', '-pa', this.#folder, '-s', 'demo']
    const environment = { ERL_EPMD_PORT: String(this.epmdPort), ERL_CRASH_DUMP_SECONDS: '0' }
    return this.#start('erl', [...names, ...loopback, ...program], environment, 'ready')
  }

  /** Settles when the child has said `ready`; rejects with what it said when it ends before. */
  #start(command, parameters, environment, ready) {
    const child = spawn(command, parameters, {
      detached: true,
      env: { ...process.env, ...environment },
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    let said = ''
    return new Promise((resolve, reject) => {
      const listen = (bytes) => {
        said += bytes
        if (said.includes(ready)) {
          child.stdout.off('data', listen).resume()
          child.stderr.off('data', listen).resume()
          resolve()
        }
      }
      child.stdout.on('data', listen)
      child.stderr.on('data', listen)
      child.once('spawn', () => this.#children.push(child))
      child.once('error', reject)
      child.once('exit', () => reject(new Error(`${command} ended at once:\n${said}`)))
    })
  }
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address()
      server.close(() => resolve(port))
    })
  })
}
