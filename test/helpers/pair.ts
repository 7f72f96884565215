import { type ErlangNode, format, type MailboxProcess, type Pid } from 'beamlink'
import type { ErlNode } from './erl-node.js'
import { withDeadline } from './waiting.js'

let count = 0

/** A process of ours and one of Erlang that know each other. */
export interface Pair {
  /** Ours. */
  readonly self: MailboxProcess
  /** Theirs. It traps exits. */
  readonly theirs: Pid
  /** Evaluates in theirs, where ours is bound to `Js`; what else is bound is gone afterwards. */
  run(expressions: string): Promise<string>
  /** Ends theirs, when it has dealt with all signals that ours has sent. */
  exit(reason: string): Promise<void>
  /** The next message to ours, as Erlang prints it. */
  next(): Promise<string>
  /** The next message to theirs. */
  nextThere(): Promise<string>
  /** Resolves when theirs has dealt with all signals that ours has sent. */
  synced(): Promise<void>
}

/** Runs what it is sent; messages of other shapes stay in its mailbox. */
const runner = `P = spawn(fun Loop() -> receive {run, F} -> F(), Loop() end end)`

export async function pairOf(node: ErlangNode, erl: ErlNode): Promise<Pair> {
  count += 1
  const self = node.spawn({ name: `paired_${count}` })
  const session = erl.session()
  await session.eval(`${runner}, {${self.name}, '${node.name}'} ! {self(), P}, ok`)
  const [creator, theirs] = (await self.receive()) as unknown as [Pid, Pid]
  void self.send(creator, self.pid)
  await session.eval('Js = (fun() -> receive Pid -> Pid end end)(), Me = self(), ok')
  const run = (expressions: string) =>
    session.eval(`P ! {run, fun() -> Me ! {ran, begin ${expressions} end} end},
      (fun() -> receive {ran, Value} -> Value end end)()`)
  const pair: Pair = {
    self,
    theirs,
    run,
    async exit(reason) {
      await pair.synced()
      await session.eval(`P ! {run, fun() -> exit(${reason}) end}, ok`)
    },
    next: async () => format(await withDeadline(self.receive(), 'a message to a process of ours')),
    nextThere: () => run('receive M -> M after 10000 -> timeout end'),
    async synced() {
      void self.send(theirs, 'sync')
      await run('receive <<"sync">> -> ok end')
    },
  }
  await run('process_flag(trap_exit, true)')
  return pair
}
