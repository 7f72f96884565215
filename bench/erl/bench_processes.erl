%% What the processes part of the benchmark needs of an Erlang node.
%%   holder/0     a process that others link to, and that outlives them
%%   linked/2     waits until so many are linked to it
%%   part/1       drops the connection to a node
%%   flood/2      sends {data, 1}, {data, 2}, … to a process, from a process of its own
-module(bench_processes).
-export([holder/0, linked/2, part/1, flood/2]).

holder() ->
    spawn(fun() -> process_flag(trap_exit, true), hold() end).

hold() ->
    receive _ -> hold() end.

linked(Pid, Count) ->
    {links, Links} = process_info(Pid, links),
    case length(Links) of
        Count -> ok;
        _ -> receive after 1 -> linked(Pid, Count) end
    end.

part(Node) ->
    erlang:disconnect_node(Node).

flood(Pid, Count) ->
    spawn(fun() -> flood(Pid, 1, Count) end),
    ok.

flood(_, N, Count) when N > Count ->
    ok;
flood(Pid, N, Count) ->
    Pid ! {data, N},
    flood(Pid, N + 1, Count).
