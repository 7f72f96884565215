%% A database as the sample server of db_erlang keeps it: a gen_server over one DETS file, a bag whose
%% rows {Table, V1, V2, ...} have the table as their key, with update, replace and insert_update, which
%% that server lacks. Its answers have what makes db_erlang stumble: empty lists and binaries.
-module(dets_db).
-behaviour(gen_server).
-export([start/3, init/1, handle_call/3, handle_cast/2]).

%% Schema: [{Table, Version, [{Column, Type, Size, Default, NullFlag}]}]
start(Name, File, Schema) ->
    gen_server:start({local, Name}, dets_db, {File, Schema}, []).

init({File, Schema}) ->
    {ok, Dets} = dets:open_file(make_ref(), [{file, File}, {type, bag}, {keypos, 1}]),
    {ok, {Dets, Schema}}.

handle_call({select, version, [table_version], [{table_name, '=', Name}], []}, _, {_, Schema} = S) ->
    Field = {table_version, int, 11, 0, notnull},
    {reply, {[Field], [{V} || {T, V, _} <- Schema, atom_to_list(T) =:= Name]}, S};
handle_call({select, Table, all, Keys, []}, From, {_, Schema} = S) ->
    handle_call({select, Table, names(Table, Schema), Keys, []}, From, S);
handle_call({select, Table, Columns, Keys, []}, _, {Dets, Schema} = S) ->
    Fields = [lists:keyfind(C, 1, fields(Table, Schema)) || C <- Columns],
    Names = names(Table, Schema),
    Rows = [list_to_tuple([value(C, Names, R) || C <- Columns])
            || R <- matching(Dets, Table, Keys, Names)],
    {reply, {Fields, Rows}, S};
handle_call({insert, Table, [], [], Values}, _, {Dets, Schema} = S) ->
    {reply, {[], dets:insert(Dets, new_row(Table, Values, Schema))}, S};
handle_call({delete, Table, [], Keys, []}, _, {Dets, Schema} = S) ->
    {reply, {[], delete(Dets, matching(Dets, Table, Keys, names(Table, Schema)))}, S};
handle_call({update, Table, [], Keys, Values}, _, {Dets, Schema} = S) ->
    Names = names(Table, Schema),
    Rows = matching(Dets, Table, Keys, Names),
    delete(Dets, Rows),
    ok = dets:insert(Dets, [changed(R, Values, Names) || R <- Rows]),
    {reply, {[], length(Rows)}, S};
handle_call({replace, Table, [], Keys, Values}, _, {Dets, Schema} = S) ->
    delete(Dets, matching(Dets, Table, Keys, names(Table, Schema))),
    {reply, {[], dets:insert(Dets, new_row(Table, Values, Schema))}, S};
handle_call({insert_update, Table, [], Keys, Values}, From, {Dets, Schema} = S) ->
    case matching(Dets, Table, Keys, names(Table, Schema)) of
        [] -> handle_call({insert, Table, [], [], Values}, From, S);
        _ -> handle_call({update, Table, [], Keys, Values}, From, S)
    end.

handle_cast(stop, {Dets, _} = S) ->
    dets:close(Dets),
    {stop, normal, S}.

fields(Table, Schema) ->
    {Table, _, Fields} = lists:keyfind(Table, 1, Schema),
    Fields.

names(Table, Schema) ->
    [Name || {Name, _, _, _, _} <- fields(Table, Schema)].

new_row(Table, Values, Schema) ->
    Default = fun({Name, _, _, D, _}) -> proplists:get_value(Name, Values, D) end,
    list_to_tuple([Table | lists:map(Default, fields(Table, Schema))]).

matching(Dets, Table, Keys, Names) ->
    Holds = fun(Row) -> lists:all(fun({C, Op, V}) -> compare(Op, value(C, Names, Row), V) end, Keys) end,
    lists:filter(Holds, dets:lookup(Dets, Table)).

compare('=', A, B) -> A =:= B;
compare('!=', A, B) -> A =/= B;
compare('<', A, B) -> A < B;
compare('>', A, B) -> A > B;
compare('<=', A, B) -> A =< B;
compare('>=', A, B) -> A >= B.

value(Column, Names, Row) ->
    element(position(Column, Names), Row).

changed(Row, Values, Names) ->
    lists:foldl(fun({C, V}, R) -> setelement(position(C, Names), R, V) end, Row, Values).

%% Of the value of a column in a row, which begins with the table.
position(Column, Names) ->
    length(lists:takewhile(fun(N) -> N =/= Column end, Names)) + 2.

delete(_, []) ->
    no_data;
delete(Dets, Rows) ->
    [ok = dets:delete_object(Dets, R) || R <- Rows],
    length(Rows).
