%% BEAM to BEAM. stdin: "CASE MS" -> one line of JSON (adapters/README.md).
-module(bench_beam).
-export([main/0]).

-define(PEER, list_to_atom(os:getenv("BENCH_PEER"))).

main() ->
    bench_peer:start_server(),
    pong = net_adm:ping(?PEER),
    loop().

loop() ->
    case io:get_line("") of
        eof ->
            halt(0);
        {error, _} ->
            halt(1);
        Line ->
            [Case, Ms] = string:lexemes(Line, " \n"),
            measure(Case, list_to_integer(Ms) * 1000000),
            loop()
    end.

%% In a process of its own: its heap and mailbox are those of this case only.
measure(Case, Ns) ->
    {Pid, Ref} = spawn_monitor(fun() -> io:put_chars([run(Case, ?PEER, Ns), $\n]) end),
    receive
        {'DOWN', Ref, process, Pid, normal} -> ok;
        {'DOWN', Ref, process, Pid, Why} -> io:format("{\"error\":\"~0p\"}~n", [Why])
    end.

run(Case, Peer, Ns) ->
    Small = binary:copy(<<"x">>, 100),
    case string:split(Case, "_") of
        ["fan"] -> json(bench_scale:fan_out(Peer, 1000, row(), Ns));
        ["fan", "raw"] -> io_lib:format("{\"skip\":\"not offered\"}", []);
        ["term", "16m"] -> large_terms(Peer, Ns);
        ["in", Size] -> into(Peer, size_of(Size), Ns);
        ["out", Size] -> out_of(Peer, size_of(Size), Ns);
        ["called", Callers] -> called(Peer, list_to_integer(Callers), Ns);
        ["served", Callers] -> served(Peer, list_to_integer(Callers), Ns);
        [Op, "1"] -> json(bench_load:latency(step(Op, Peer, Small), Ns));
        [Op, "64"] -> json(bench_load:together(step(Op, Peer, Small), Ns))
    end.

size_of("100") -> 100;
size_of("64k") -> 65536;
size_of("row") -> {term, row()}.

payload({term, Term}) -> Term;
payload(Size) -> binary:copy(<<"x">>, Size).

batch({term, _}) -> 20000;
batch(Size) -> min(20000, 16#2000000 div Size).

row() ->
    {ok, Bytes} = file:read_file(os:getenv("BENCH_ROW")),
    binary_to_term(Bytes).

large_terms(Peer, Ns) ->
    Rows = bench_scale:rows(row(), 16 bsl 20),
    Size = byte_size(term_to_binary(Rows)),
    Count = length(Rows),
    Start = bench_load:now_ns(),
    Step = fun() -> Count = length(rpc:call(Peer, bench_peer, echo, [Rows])) end,
    N = bench_load:until(Step, Start + Ns),
    Format = "{\"ops\":~.3f,\"n\":~b,\"size\":~b}",
    io_lib:format(Format, [N * 1.0e9 / (bench_load:now_ns() - Start), N, Size]).

step("rpc", Peer, X) ->
    fun() -> X = rpc:call(Peer, bench_peer, echo, [X]) end;
step("erpc", Peer, X) ->
    fun() -> X = erpc:call(Peer, bench_peer, echo, [X]) end;
step("gs", Peer, X) ->
    fun() -> X = gen_server:call({bench_gs, Peer}, X) end;
step("echo", Peer, X) ->
    fun() ->
        {bench_echo, Peer} ! {self(), X},
        receive
            X -> ok
        end
    end.

called(Peer, Callers, Ns) ->
    json(rpc:call(Peer, bench_peer, call_back, [node(), bench_peer, echo, Callers, Ns])).

served(Peer, Callers, Ns) ->
    json(rpc:call(Peer, bench_peer, call_server, [node(), bench_gs, Callers, Ns])).

into(Peer, Size, Ns) ->
    Msg = {data, payload(Size)},
    To = {bench_sink, Peer},
    Start = bench_load:now_ns(),
    N = bench_load:until(fun() -> To ! Msg end, Start + Ns),
    To ! {self(), done},
    receive
        {sunk, N} -> json({N * 1.0e9 / (bench_load:now_ns() - Start), N})
    end.

out_of(Peer, Size, Ns) ->
    Batch = batch(Size),
    Start = bench_load:now_ns(),
    Step = fun() ->
        {bench_source, Peer} ! {self(), Batch, Size},
        Batch = count(0)
    end,
    N = Batch * bench_load:until(Step, Start + Ns),
    json({N * 1.0e9 / (bench_load:now_ns() - Start), N}).

count(N) ->
    receive
        {data, _} -> count(N + 1);
        {source_done, N} -> N
    end.

json({Ops, N}) ->
    io_lib:format("{\"ops\":~.1f,\"n\":~b}", [Ops, N]);
json({P50, P99, Ops, N}) ->
    Format = "{\"p50\":~.3f,\"p99\":~.3f,\"ops\":~.1f,\"n\":~b}",
    io_lib:format(Format, [P50, P99, Ops, N]).
