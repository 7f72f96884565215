%% Databases behind gen_servers as db_erlang asks them, and the callers.
%%   start/0      the node with the databases: bench_dets, whose file has the user as its key, and
%%                bench_dets_sample, laid out as the sample server of db_erlang: a bag in which all
%%                rows of a table have one key, searched row by row
%%   fill/1       puts in so many rows
%%   selects/4    so many callers at once, each with so many selects of random users; microseconds
-module(bench_kamailio_db).
-behaviour(gen_server).
-export([start/0, fill/1, selects/4, init/1, handle_call/3, handle_cast/2]).

start() ->
    {ok, _} = gen_server:start({local, bench_dets}, ?MODULE, {set, 1}, []),
    {ok, _} = gen_server:start({local, bench_dets_sample}, ?MODULE, {bag, 1}, []),
    io:format("{\"ready\":true}~n"),
    until_eof().

until_eof() ->
    case io:get_line("") of
        eof -> stop();
        {error, _} -> stop();
        _ -> until_eof()
    end.

stop() ->
    [gen_server:call(S, stop) || S <- [bench_dets, bench_dets_sample]],
    halt(0).

fill(Rows) ->
    [gen_server:call(S, {fill, Rows}, infinity) || S <- [bench_dets, bench_dets_sample]],
    ok.

init({Type, KeyPos}) ->
    File = filename:join("/tmp", "bench_" ++ os:getpid() ++ "_" ++ atom_to_list(Type) ++ ".dets"),
    file:delete(File),
    {ok, Dets} = dets:open_file(make_ref(), [{file, File}, {type, Type}, {keypos, KeyPos}]),
    {ok, {Type, Dets, File}}.

handle_call({select, subscriber, [username, password], [{username, '=', User}], []}, _, {set, Dets, _} = S) ->
    {reply, {fields(), dets:lookup(Dets, User)}, S};
handle_call({select, subscriber, [username, password], [{username, '=', User}], []}, _, {bag, Dets, _} = S) ->
    {reply, {fields(), [{U, P} || {_, U, P} <- dets:lookup(Dets, subscriber), U =:= User]}, S};
handle_call({fill, Rows}, _, {Type, Dets, _} = S) ->
    ok = dets:insert(Dets, [row(Type, N) || N <- lists:seq(1, Rows)]),
    ok = dets:sync(Dets),
    {reply, ok, S};
handle_call(stop, _, {_, Dets, File} = S) ->
    dets:close(Dets),
    file:delete(File),
    {stop, normal, ok, S}.

handle_cast(_, S) ->
    {noreply, S}.

fields() ->
    [{username, string, 64, undefined, notnull}, {password, string, 64, undefined, notnull}].

row(set, N) -> {user(N), "secret"};
row(bag, N) -> {subscriber, user(N), "secret"}.

user(N) -> "user" ++ integer_to_list(N).

selects(To, Callers, Each, Rows) ->
    Me = self(),
    Run = fun() ->
        receive go -> ok end,
        select(To, Each, Rows),
        Me ! {self(), done}
    end,
    Pids = [spawn_link(Run) || _ <- lists:seq(1, Callers)],
    Start = erlang:monotonic_time(microsecond),
    [P ! go || P <- Pids],
    [receive {P, done} -> ok end || P <- Pids],
    erlang:monotonic_time(microsecond) - Start.

select(_, 0, _) ->
    ok;
select(To, Left, Rows) ->
    User = user(rand:uniform(Rows)),
    Ref = make_ref(),
    To ! {'$gen_call', {self(), Ref},
          {select, subscriber, [username, password], [{username, '=', User}], []}},
    receive {Ref, {_, [{User, "secret"}]}} -> select(To, Left - 1, Rows) end.
