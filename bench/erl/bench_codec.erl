%% stdin: "OPERATION NAME MS" -> one line of JSON; see c/codec.c.
-module(bench_codec).
-export([main/1]).

-define(CALIBRATION_NS, 500000).

main([Folder]) -> loop(Folder).

loop(Folder) ->
    case io:get_line("") of
        eof ->
            halt(0);
        {error, _} ->
            halt(1);
        Line ->
            [Operation, Name, Ms] = string:lexemes(Line, " \n"),
            {ok, Bytes} = file:read_file(filename:join(Folder, Name ++ ".etf")),
            run(Operation, Bytes, list_to_integer(Ms) * 1000000),
            loop(Folder)
    end.

run(Operation, Bytes, Ns) ->
    Term = binary_to_term(Bytes),
    %% A process of its own: its heap is that of this case only.
    {Pid, Ref} = spawn_monitor(fun() -> answer(Operation, Bytes, Term, Ns) end),
    receive
        {'DOWN', Ref, process, Pid, normal} -> ok;
        {'DOWN', Ref, process, Pid, Why} -> io:format("{\"error\":\"~0p\"}~n", [Why])
    end.

answer("check", Bytes, Term, _) ->
    Out = encode(Term),
    Same = byte_size(Out) =:= byte_size(Bytes) andalso binary_to_term(Out) =:= Term,
    io:format("{\"bytes\":~b,\"equal\":~s}~n", [byte_size(Out), Same]);
answer("decode", Bytes, _, Ns) ->
    measure(fun() -> binary_to_term(Bytes) end, Ns);
answer("encode", _, Term, Ns) ->
    measure(fun() -> encode(Term) end, Ns).

encode(Term) -> term_to_binary(Term, [{minor_version, 2}]).

measure(Step, Ns) ->
    Batch = calibrate(Step, 1),
    Start = bench_load:now_ns(),
    Count = Batch * bench_load:until(fun() -> repeat(Step, Batch) end, Start + Ns),
    Mean = (bench_load:now_ns() - Start) / Count,
    io:format("{\"ns\":~.2f,\"count\":~b}~n", [Mean, Count]).

calibrate(Step, Batch) ->
    Start = bench_load:now_ns(),
    repeat(Step, Batch),
    case bench_load:now_ns() - Start < ?CALIBRATION_NS of
        true -> calibrate(Step, Batch * 2);
        false -> Batch
    end.

repeat(_, 0) ->
    ok;
repeat(Step, N) ->
    Step(),
    repeat(Step, N - 1).
