import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import {
  atom,
  callContext,
  ErlangError,
  type ErlangNode,
  elixir as elixirName,
  format,
  type MailboxProcess,
  noReply,
  type Pid,
  type Term,
  text,
  tuple,
} from 'beamlink'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ElixirNode } from '../helpers/elixir-node.js'
import { startBeside } from '../helpers/local-node.js'
import { Arrivals, withDeadline } from '../helpers/waiting.js'

/** Macros are for compilers that read files; the test's compiles text. */
const beamlink = readFileSync(createRequire(__filename).resolve('beamlink/beamlink.erl'), 'utf8')

const modules = `
  defmodule Shop.Stock do
    use GenServer
    def start(count), do: GenServer.start(__MODULE__, count, name: __MODULE__)
    def init(count), do: {:ok, count}
    def handle_call(:count, _from, count), do: {:reply, count, count}
    def handle_call(:fail, _from, _count), do: raise ArgumentError, "no stock"
    def handle_cast({:add, by}, count), do: {:noreply, count + by}
    def handle_info({:ask, pid}, count) do
      send(pid, {:count, count})
      {:noreply, count}
    end
  end
  defmodule Shop.Price do
    defstruct [:amount, currency: "EUR"]
  end`

let elixir: ElixirNode
let node: ErlangNode
const workers = new Arrivals<MailboxProcess>()

async function work(self: MailboxProcess): Promise<void> {
  for await (const message of self) {
    if (format(message) === 'crash') throw new RangeError('told to')
  }
}

/** The server of every introduction. */
function serveCounter(): void {
  let count = 0
  node.serve('counter', {
    call(request, from, server) {
      switch (format(request)) {
        case 'value':
          return count
        case 'later':
          setImmediate(() => server.reply(from, 'late'))
          return noReply
        case 'never':
          return noReply
        default:
          throw new ErlangError('ERR_ERL_REMOTE', '', {
            reason: atom('bad_request'),
            remoteClass: 'exit',
          })
      }
    },
    cast: (by) => {
      count += Number(by)
    },
    state: () => count,
  })
}

beforeAll(async () => {
  elixir = await ElixirNode.start()
  await elixir.erl.load(beamlink.replaceAll('?MODULE', 'beamlink'))
  await elixir.eval(modules)
  node = await startBeside(elixir.erl)
  node.expose('workers', {
    start: () => {
      const worker = node.spawn(work)
      workers.push(worker)
      return worker
    },
  })
  node.expose(elixirName('Shop.Orders'), {
    total: (...amounts: number[]) => amounts.reduce((sum, amount) => sum + amount, 0),
    who: () => callContext()?.from,
    fail: () => {
      throw new TypeError('no order')
    },
    echo: (value: Term) => value,
  })
})
afterAll(async () => {
  await node.stop()
  await elixir.stop()
})

/** Evaluates Elixir with `js` as the name of our node and `counter` as a server there. */
function ask(code: string): Promise<string> {
  return elixir.eval(`js = :"${node.name}"; counter = {:counter, js}; ${code}`)
}

describe('GenServer of Elixir', () => {
  it('calls and casts to a server in JavaScript', async () => {
    serveCounter()
    expect(
      await ask(
        ':ok = GenServer.cast(counter, 2); :ok = GenServer.cast(counter, 3); GenServer.call(counter, :value)',
      ),
    ).toBe('5')
    expect(await ask('GenServer.call(counter, :later)')).toBe('"late"')
    expect(await ask('GenServer.multi_call([js], :counter, :value)')).toBe(
      `{["${node.name}": 5], []}`,
    )
    expect(await ask(':sys.get_state(counter)')).toBe('5')
    expect(await ask('GenServer.stop(counter)')).toBe(':ok')
    expect(node.whereis('counter')).toBeUndefined()
  })

  it('exits as with any server: timeout, noproc, noconnection, the reason of a crash', async () => {
    serveCounter()
    const call = (to: string, request: string) =>
      ask(
        `try do GenServer.call(${to}, ${request}, 300) catch :exit, {reason, {GenServer, :call, _}} -> reason end`,
      )
    expect(await call('counter', ':never')).toBe(':timeout')
    expect(await call('{:nobody, js}', ':value')).toBe(':noproc')
    expect(await call('{:counter, :"gone@127.0.0.1"}', ':value')).toBe(
      '{:nodedown, :"gone@127.0.0.1"}',
    )
    expect(await call('counter', ':nonsense')).toBe(':bad_request')
    expect(node.whereis('counter')).toBeUndefined()
  })

  it('is called, cast to and monitored from JavaScript', async () => {
    await ask('Shop.Stock.start(7)')
    const stock = { name: elixirName('Shop.Stock'), node: elixir.name }
    expect(await node.call(stock, atom('count'))).toBe(7)
    await node.cast(stock, tuple(atom('add'), 3))
    expect(await node.call(stock, atom('count'))).toBe(10)

    const self = node.spawn()
    const ref = self.monitor(stock)
    await self.send(stock, tuple(atom('ask'), self.pid))
    expect(await self.receive()).toEqual(tuple(atom('count'), 10))
    const failed = await node.call(stock, atom('fail')).catch((error: unknown) => error)
    expect(failed).toMatchObject({ code: 'ERR_ERL_REMOTE' })
    expect(format((failed as ErlangError).reason as Term)).toContain('ArgumentError')
    const down = await withDeadline(self.receive(), 'the DOWN of the server')
    expect(format(down)).toContain("'Elixir.ArgumentError'")
    expect(self.demonitor(ref)).toBe(false)
    self.exit()
  })
})

const spec = '%{id: :w, start: {:beamlink, :start_link, [js, :workers, :start, []]}}'

describe('Supervisor of Elixir', () => {
  it('starts, restarts and shuts down a child in JavaScript', async () => {
    const supervisor = ask(`
      {:ok, sup} = Supervisor.start_link([${spec}], strategy: :one_for_one)
      [{:w, first, :worker, _}] = Supervisor.which_children(sup)
      ref = Process.monitor(first)
      send(first, :crash)
      reason = receive do {:DOWN, ^ref, :process, ^first, reason} -> reason end
      [{:w, second, :worker, _}] = Supervisor.which_children(sup)
      :ok = Supervisor.terminate_child(sup, :w)
      {:ok, third} = Supervisor.restart_child(sup, :w)
      :ok = Supervisor.stop(sup)
      {elem(reason, 0), first != second and second != third, node(third) == js}`)
    const [first, second, third] = [
      await workers.next(),
      await workers.next(),
      await workers.next(),
    ]
    expect(await supervisor).toBe('{{:js_error, "RangeError", "told to"}, true, true}')
    expect(first.isAlive).toBe(false)
    expect(format(await second.whenEnded)).toBe('shutdown')
    expect(format(await third.whenEnded)).toBe('shutdown')
  })

  it('starts a GenServer in JavaScript again, which is called by its name as before', async () => {
    node.expose('servers', {
      tally: () => {
        let count = 0
        return node.serve('tally', {
          call: () => count,
          cast: (by: number) => {
            count += by
            if (count > 9) throw new RangeError('too many')
          },
        })
      },
    })
    expect(
      await ask(`
        start = {:beamlink, :start_link, [js, :servers, :tally, []]}
        {:ok, sup} = Supervisor.start_link([%{id: :tally, start: start}], strategy: :rest_for_one)
        tally = {:tally, js}
        GenServer.cast(tally, 4)
        before = GenServer.call(tally, :value)
        ref = Process.monitor(tally)
        GenServer.cast(tally, 7)
        {{kind, _, text}, _} = receive do {:DOWN, ^ref, :process, ^tally, reason} -> reason end
        [{:tally, pid, :worker, _}] = Supervisor.which_children(sup)
        again = {GenServer.call(tally, :value), GenServer.call(pid, :value)}
        :ok = Supervisor.stop(sup)
        {before, kind, text, again}`),
    ).toBe('{4, :js_error, "too many", {0, 0}}')
    expect(node.whereis('tally')).toBeUndefined()
  })

  it('starts children in JavaScript dynamically', async () => {
    expect(
      await ask(`
        {:ok, sup} = DynamicSupervisor.start_link(strategy: :one_for_one)
        {:ok, pid} = DynamicSupervisor.start_child(sup, ${spec})
        :ok = DynamicSupervisor.terminate_child(sup, pid)
        DynamicSupervisor.count_children(sup).active`),
    ).toBe('0')
    expect(format(await (await workers.next()).whenEnded)).toBe('shutdown')
  })
})

describe('Task of Elixir', () => {
  it('awaits what functions in JavaScript give', async () => {
    expect(
      await ask(`
        1..20
        |> Task.async_stream(fn i -> :erpc.call(js, Shop.Orders, :total, [i, 1]) end, max_concurrency: 8)
        |> Enum.map(fn {:ok, value} -> value end)
        |> Enum.sum()`),
    ).toBe('230')
  })

  it('fails with what a function in JavaScript throws', async () => {
    expect(
      await ask(`
        Process.flag(:trap_exit, true)
        task = Task.async(fn -> :erpc.call(js, Shop.Orders, :fail, []) end)
        try do Task.await(task) catch :exit, {{{:exception, reason, _}, _}, {Task, :await, _}} -> reason end`),
    ).toBe('{:js_error, "TypeError", "no order"}')
  })

  it('is shut down while a function in JavaScript works, which the function hears of', async () => {
    const aborted = new Arrivals<string>()
    node.expose('slow', {
      wait: async () => {
        callContext()?.signal.addEventListener('abort', () => aborted.push('aborted'))
        await node.send({ name: 'waiter', node: elixir.name }, atom('asked'))
        return new Promise(() => undefined)
      },
    })
    expect(
      await ask(`
        Process.register(self(), :waiter)
        task = Task.async(fn -> :erpc.call(js, :slow, :wait, []) end)
        receive do :asked -> Task.shutdown(task, :brutal_kill) end`),
    ).toBe('nil')
    expect(await aborted.next()).toBe('aborted')
  })
})

describe('Process and Node of Elixir', () => {
  it('monitor, link and exit processes in JavaScript', async () => {
    const self = node.spawn({ name: 'watched' })
    expect(
      await ask(`
        Process.flag(:trap_exit, true)
        pid = :rpc.call(js, :erlang, :whereis, [:watched])
        Process.link(pid)
        by_pid = Process.monitor(pid)
        by_name = Process.monitor({:watched, js})
        true = Process.demonitor(Process.monitor(pid), [:flush])
        Process.exit(pid, :enough)
        downs = for ref <- [by_pid, by_name], do: (receive do {:DOWN, ^ref, :process, _, reason} -> reason end)
        exits = receive do {:EXIT, ^pid, reason} -> reason end
        {downs, exits}`),
    ).toBe('{[:enough, :enough], :enough}')
    expect(format(await self.whenEnded)).toBe('enough')
  })

  it('spawn functions in JavaScript, linked and monitored', async () => {
    const ran = new Arrivals<Term>()
    node.expose('jobs', {
      note: (value: Term) => {
        ran.push(value)
        if (value === 'bad') throw new RangeError('bad job')
      },
    })
    expect(await ask('Node.spawn(js, :jobs, :note, ["plain"]) |> node() == js')).toBe('true')
    expect(text(await ran.next())).toBe('plain')
    expect(
      await ask(`
        Process.flag(:trap_exit, true)
        linked = Node.spawn_link(js, :jobs, :note, ["linked"])
        receive do {:EXIT, ^linked, reason} -> reason end`),
    ).toBe(':normal')
    expect(text(await ran.next())).toBe('linked')
    expect(
      await ask(`
        {pid, ref} = Node.spawn_monitor(js, :jobs, :note, ["monitored"])
        receive do {:DOWN, ^ref, :process, ^pid, reason} -> reason end`),
    ).toBe(':normal')
  })

  it('ping, list and monitor our node', async () => {
    const other = await startBeside(elixir.erl)
    expect(await elixir.eval(`Node.ping(:"${other.name}")`)).toBe(':pong')
    expect(await elixir.eval(`:"${other.name}" in Node.list(:hidden)`)).toBe('true')
    const told = elixir.eval(
      `Node.monitor(:"${other.name}", true); send({:observer, node()}, :set); receive do {:nodedown, name} -> name end`,
    )
    expect(await elixir.erl.observed.next()).toBe('set')
    await other.stop()
    expect(await told).toBe(`:"${other.name}"`)
  })

  it('send to names, pids and aliases in JavaScript', async () => {
    const self = node.spawn({ name: 'inbox', decode: 'elixir' })
    await ask('send({:inbox, js}, %{name: "box", size: nil, tags: ["a"]})')
    expect(await self.receive()).toEqual(
      Object.assign(Object.create(null), { name: 'box', size: null, tags: ['a'] }),
    )
    node.expose('contact', { pid: () => self.pid, alias: () => self.alias() })
    await ask('for f <- [:pid, :alias], do: send(:erpc.call(js, :contact, f, []), f)')
    expect([await self.receive(), await self.receive()]).toEqual([atom('pid'), atom('alias')])
    self.exit()
  })

  it('see structs and text as they are', async () => {
    expect(
      await ask(
        'price = %Shop.Price{amount: 3}; :erpc.call(js, Shop.Orders, :echo, [price]) == price',
      ),
    ).toBe('true')
    expect(
      await node.rpc(elixir.name, elixirName('String'), 'upcase', ['stra\u00dfe'], {
        decode: 'elixir',
      }),
    ).toBe('STRASSE')
    const from = (await node.rpc(elixir.name, 'erpc', 'call', [
      atom(node.name),
      elixirName('Shop.Orders'),
      atom('who'),
      [],
    ])) as Pid
    expect(from.node.name).toBe(elixir.name)
  })
})
