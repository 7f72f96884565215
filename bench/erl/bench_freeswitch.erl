%% What the part `freeswitch` needs of an Erlang node.
%%   handlers/4   so many event handlers at a host, which count what they get; ends those before
%%   delivered/1  waits until they have got so many in all
%%   api/2, call/2  round trips to a host, and to a gen_server beside it: nanoseconds for so many
-module(bench_freeswitch).
-export([handlers/4, delivered/1, api/2, call/2]).

handlers(Host, Count, Name, Filters) ->
    stop(persistent_term:get({?MODULE, handlers}, [])),
    Counter = counters:new(1, []),
    persistent_term:put({?MODULE, counter}, Counter),
    Self = self(),
    Pids = [spawn(fun() -> handler(Self, Host, Name, Filters, Counter) end)
            || _ <- lists:seq(1, Count)],
    persistent_term:put({?MODULE, handlers}, Pids),
    [receive {Pid, subscribed} -> ok end || Pid <- Pids],
    ok.

stop(Pids) ->
    Monitors = [erlang:monitor(process, Pid) || Pid <- Pids],
    [exit(Pid, kill) || Pid <- Pids],
    [receive {'DOWN', Monitor, _, _, _} -> ok end || Monitor <- Monitors].

handler(Owner, Host, Name, Filters, Counter) ->
    ok = ask(Host, register_event_handler),
    ok = ask(Host, {event, Name}),
    [{filter_command_processing_log, _} = ask(Host, {filter, Filter}) || Filter <- Filters],
    Owner ! {self(), subscribed},
    count(Counter).

ask(Host, Request) ->
    {freeswitch, Host} ! Request,
    receive Answer -> Answer end.

count(Counter) ->
    receive
        {event, _} -> counters:add(Counter, 1, 1)
    end,
    count(Counter).

delivered(Want) ->
    case counters:get(persistent_term:get({?MODULE, counter}), 1) of
        Got when Got >= Want ->
            Got;
        _ ->
            receive after 1 -> delivered(Want) end
    end.

api(Host, Count) ->
    timed(Count, fun() -> {ok, "x"} = ask(Host, {api, echo, "x"}) end).

call(Host, Count) ->
    timed(Count, fun() -> {ok, "x"} = gen_server:call({bench_echo, Host}, {api, echo, "x"}) end).

timed(Count, Round) ->
    Start = bench_load:now_ns(),
    repeat(Count, Round),
    bench_load:now_ns() - Start.

repeat(0, _) -> ok;
repeat(Count, Round) -> Round(), repeat(Count - 1, Round).
