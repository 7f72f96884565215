import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Readable, Writable } from 'node:stream'
import { asPacket, readPackets } from '../helpers/packets.js'
import { type Deferred, deferred, withDeadline } from '../helpers/waiting.js'

/**
 * Answers packets on file descriptors 3 and 4, in order:
 *   0, Size of A, A, B   whether the terms of A and B are =:=: "true", "false" or why they are none
 *   1, A                 the term of A, written by this emulator
 */
const program = `
  Port = open_port({fd, 3, 4}, [binary, {packet, 4}, eof]),
  Answer = fun
    (<<0, Size:32, A:Size/binary, B/binary>>) ->
      atom_to_binary(binary_to_term(A) =:= binary_to_term(B));
    (<<1, A/binary>>) ->
      term_to_binary(binary_to_term(A), [{minor_version, 2}])
  end,
  Loop = fun Loop() ->
    receive
      {Port, {data, Request}} ->
        Reply = try Answer(Request) catch _:Reason -> io_lib:format("~p", [Reason]) end,
        port_command(Port, unicode:characters_to_binary([Reply], latin1, latin1)),
        Loop();
      {Port, eof} -> halt()
    end
  end,
  Loop().`

/** A real Erlang emulator that judges bytes. It ends with the test: its control pipe closes. */
export class ErlangCodec {
  readonly #child: ChildProcess
  readonly #down: Writable
  readonly #waiting: Deferred<Buffer>[] = []

  constructor() {
    this.#child = spawn(
      process.env.BEAMLINK_ERL ?? 'erl',
      ['-noinput', '-boot', 'start_clean', '-eval', program],
      {
        stdio: ['ignore', 'inherit', 'inherit', 'pipe', 'pipe'],
        env: { ...process.env, ERL_CRASH_DUMP_SECONDS: '0' },
      },
    )
    this.#down = this.#child.stdio[3] as Writable
    readPackets(this.#child.stdio[4] as Readable, (reply) => this.#waiting.shift()?.resolve(reply))
  }

  /** `true` when both are the same term in Erlang, else what the emulator has to say. */
  async same(a: Uint8Array, b: Uint8Array): Promise<true | string> {
    const size = Buffer.alloc(4)
    size.writeUInt32BE(a.length)
    const reply = await this.#ask([Buffer.of(0), size, a, b])
    return reply.toString() === 'true' ? true : reply.toString()
  }

  /** The same term in the bytes that the emulator writes for it. */
  rewritten(bytes: Uint8Array): Promise<Buffer> {
    return this.#ask([Buffer.of(1), bytes])
  }

  async stop(): Promise<void> {
    const exited = once(this.#child, 'exit')
    this.#down.end()
    await withDeadline(exited, 'the emulator to end')
  }

  #ask(parts: readonly Uint8Array[]): Promise<Buffer> {
    const reply = deferred<Buffer>()
    this.#waiting.push(reply)
    this.#down.write(asPacket(parts))
    return withDeadline(reply.promise, 'an answer of the emulator')
  }
}
