# The Elixir side: a GenServer that keeps a stock and tells watchers of changes.
#
#   elixir --name shop@127.0.0.1 --cookie secret --no-halt stock.exs
defmodule Shop.Stock do
  use GenServer

  def start(items), do: GenServer.start(__MODULE__, items, name: __MODULE__)

  @impl true
  def init(items), do: {:ok, %{items: Map.new(items, &{&1.sku, &1}), watchers: %{}}}

  @impl true
  def handle_call({:get, sku}, _from, state), do: {:reply, find(sku, state), state}

  def handle_call({:take, sku, wanted}, _from, state) do
    case find(sku, state) do
      {:ok, %{count: count}} when count < wanted ->
        {:reply, {:error, :sold_out}, state}

      {:ok, item} ->
        item = %{item | count: item.count - wanted}
        for pid <- Map.keys(state.watchers), do: send(pid, {:stock_changed, item})
        {:reply, {:ok, item}, put_in(state.items[sku], item)}

      error ->
        {:reply, error, state}
    end
  end

  @impl true
  def handle_cast({:watch, pid}, state),
    do: {:noreply, put_in(state.watchers[pid], Process.monitor(pid))}

  @impl true
  def handle_info({:DOWN, _ref, :process, pid, _reason}, state),
    do: {:noreply, update_in(state.watchers, &Map.delete(&1, pid))}

  defp find(sku, state) do
    with :error <- Map.fetch(state.items, sku), do: {:error, :not_found}
  end
end

{:ok, _} =
  Shop.Stock.start([
    %{sku: "tea", name: "Green tea", count: 5},
    %{sku: "milk", name: "Oat milk", count: 2}
  ])

IO.puts("#{node()} has a stock")
