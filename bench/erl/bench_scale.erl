%% What the part `scale` needs of an Erlang node.
%%   fan_to/2     so many processes for one sender, which count what they get; the pids
%%   fanned/2     waits until they have got so many in all, and begins to count anew
%%   fan_out/4    sends one term to each of them for a while
%%   rows/2       a list of so many rows
-module(bench_scale).
-export([fan_to/2, fanned/2, fan_out/4, rows/2]).

fan_to(Sender, Count) ->
    case persistent_term:get({?MODULE, Sender}, none) of
        {_, Pids} ->
            Pids;
        none ->
            Counter = counters:new(1, []),
            Pids = [spawn(fun() -> count(Counter) end) || _ <- lists:seq(1, Count)],
            persistent_term:put({?MODULE, Sender}, {Counter, Pids}),
            Pids
    end.

count(Counter) ->
    receive
        _ -> counters:add(Counter, 1, 1)
    end,
    count(Counter).

fanned(Sender, Want) ->
    {Counter, _} = persistent_term:get({?MODULE, Sender}),
    case counters:get(Counter, 1) of
        Want ->
            counters:put(Counter, 1, 0),
            Want;
        _ ->
            receive after 1 -> fanned(Sender, Want) end
    end.

%% {deliveries per second, count}
fan_out(Peer, Count, Term, Ns) ->
    Pids = rpc:call(Peer, ?MODULE, fan_to, [node(), Count]),
    Start = bench_load:now_ns(),
    Round = fun() -> lists:foreach(fun(Pid) -> Pid ! Term end, Pids) end,
    N = Count * bench_load:until(Round, Start + Ns),
    N = rpc:call(Peer, ?MODULE, fanned, [node(), N]),
    {N * 1.0e9 / (bench_load:now_ns() - Start), N}.

rows(Row, Bytes) ->
    lists:duplicate(Bytes div (byte_size(term_to_binary(Row)) - 1), Row).
