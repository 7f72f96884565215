%% Answers the questions of beamlink.cfg as an Erlang service would: rex applies route/22, which asks a
%% gen_server.
-module(bench_kamailio).
-behaviour(gen_server).
-export([start/0, init/1, handle_call/3, handle_cast/2]).

start() ->
    {ok, _} = gen_server:start({local, ?MODULE}, ?MODULE, [], []),
    io:format("{\"ready\":true}~n"),
    until_eof().

until_eof() ->
    case io:get_line("") of
        eof -> halt(0);
        {error, _} -> halt(1);
        _ -> until_eof()
    end.

init([]) -> {ok, []}.

handle_call({Id, "options", _Method, _Uri}, _, State) ->
    {reply, {Id, "reply", "bl_code", "200", "bl_reason", "OK"}, State};
handle_call({Id, _, _, _}, _, State) ->
    {reply, {Id, "proceed"}, State}.

handle_cast(_, State) -> {noreply, State}.
