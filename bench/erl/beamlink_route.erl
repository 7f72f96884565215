%% What a script calls `beamlink:route(...)` at the Erlang node of the benchmark.
-module(beamlink_route).
-export([start/0]).

start() ->
    {ok, Forms} = forms(),
    {ok, beamlink, Beam} = compile:forms(Forms),
    {module, beamlink} = code:load_binary(beamlink, "beamlink", Beam),
    bench_kamailio:start().

forms() ->
    Names = ["_" ++ integer_to_list(N) || N <- lists:seq(6, 22)],
    Arguments = string:join(["1", "Id", "Event", "Method", "Uri" | Names], ", "),
    Text = "-module(beamlink). -export([route/22]). route(" ++ Arguments ++
        ") -> gen_server:call(bench_kamailio, {Id, Event, Method, Uri}).",
    {ok, Tokens, _} = erl_scan:string(Text),
    parse(Tokens, []).

parse([], Forms) ->
    {ok, lists:reverse(Forms)};
parse(Tokens, Forms) ->
    {Form, [Dot | Rest]} = lists:splitwith(fun(Token) -> element(1, Token) =/= dot end, Tokens),
    {ok, Parsed} = erl_parse:parse_form(Form ++ [Dot]),
    parse(Rest, [Parsed | Forms]).
