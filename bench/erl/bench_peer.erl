%% The node every distribution peer talks to.
%%   rpc target   bench_peer:echo/1
%%   bench_echo   {From, Msg}            -> From ! Msg
%%   bench_gs     gen_server:call(_, X)  -> X
%%   bench_sink   {data, _} counted;  {From, done} -> From ! {sunk, Count}
%%   bench_source {From, N, Size}        -> N times From ! {data, <<_:Size/binary>>},
%%                                          then {source_done, N};
%%                {term, Term} in place of Size sends {data, Term}
%%   call_back/5  calls Module:Function(100 bytes) on Node, from one process or from 64
%%   call_server/4  the same to a gen_server there, which gives back what it gets
-module(bench_peer).
-behaviour(gen_server).
-export([start/0, start_server/0, echo/1, call_back/5, call_server/4, init/1, handle_call/3, handle_cast/2]).

start() ->
    register(bench_echo, spawn(fun echo_loop/0)),
    register(bench_sink, spawn(fun() -> sink(0) end)),
    register(bench_source, spawn(fun source/0)),
    start_server(),
    io:format("{\"ready\":true}~n"),
    until_eof().

start_server() ->
    {ok, _} = gen_server:start({local, bench_gs}, ?MODULE, [], []).

%% The driver ends this node by closing its stdin.
until_eof() ->
    case io:get_line("") of
        eof -> halt(0);
        {error, _} -> halt(1);
        _ -> until_eof()
    end.

echo(X) -> X.

call_back(Node, Module, Function, Callers, Ns) ->
    Bytes = binary:copy(<<"x">>, 100),
    run(Callers, fun() -> Bytes = rpc:call(Node, Module, Function, [Bytes]) end, Ns).

call_server(Node, Name, Callers, Ns) ->
    Bytes = binary:copy(<<"x">>, 100),
    run(Callers, fun() -> Bytes = gen_server:call({Name, Node}, Bytes) end, Ns).

run(1, Step, Ns) -> bench_load:latency(Step, Ns);
run(64, Step, Ns) -> bench_load:together(Step, Ns).

echo_loop() ->
    receive
        {From, Msg} -> From ! Msg
    end,
    echo_loop().

sink(N) ->
    receive
        {data, _} ->
            sink(N + 1);
        {From, done} ->
            From ! {sunk, N},
            sink(0)
    end.

source() ->
    receive
        {From, N, What} ->
            blast(From, N, {data, payload(What)}),
            From ! {source_done, N}
    end,
    source().

payload({term, Term}) -> Term;
payload(Size) -> binary:copy(<<"x">>, Size).

blast(_, 0, _) ->
    ok;
blast(To, N, Msg) ->
    To ! Msg,
    blast(To, N - 1, Msg).

init([]) -> {ok, []}.
handle_call(X, _, State) -> {reply, X, State}.
handle_cast(_, State) -> {noreply, State}.
