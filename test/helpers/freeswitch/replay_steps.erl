%% What a step of a replayed case does, and the named processes that do it and hand on what they get.
-module(replay_steps).
-export([perform/2, ensure/1, quiet/1, flush/0, is_of_quiet/1, process/2]).

%% Gives what the main process learnt by itself; what the switch answers comes to `replay_driver`.
perform({from, Who, Term}, Context) -> from(Who, Term, Context);
perform({from, Who, {to_name, Name}, Term}, Context) -> from(Who, {to_name, Name, Term}, Context);
perform({did, Did}, Context) -> did(Did, Context);
perform({send, Term}, Context) -> from(main, {to_name, foo, Term}, Context);
perform({kill, Who}, _) -> dies(whereis_process(Who), fun(Pid) -> exit(Pid, kill) end);
perform({exit_normal, Who}, _) -> dies(whereis_process(Who), fun(Pid) -> Pid ! '$end' end);
perform({broadcast, Uuid}, Context) ->
    from(ctl, {bgapi, uuid_broadcast, Uuid ++ " tone_stream://%(50,10,440)"}, Context);
perform({answer, Who}, #{fs := Fs, ref := Ref}) ->
    Pid = case Who of
        dead -> spawned_and_dead();
        _ -> ensure(Who)
    end,
    do(handler, fun() -> {foo, Fs} ! {Ref, Pid} end),
    [];
perform({links_of, Who}, #{fs := Fs}) -> links_to(ensure(Who), Fs);
perform({link, 'FS_PID'}, #{fs_pid := Pid, fs := Fs}) ->
    do(main, fun() -> link(Pid) end),
    [{links, links_to(ensure(main), Fs)}];
perform({unlink, 'FS_PID'}, #{fs_pid := Pid}) -> do(main, fun() -> unlink(Pid) end), [];
perform({monitor, 'FS_PID'}, #{fs_pid := Pid}) ->
    do(main, fun() -> put(monitor, monitor(process, Pid)) end),
    [];
perform(demonitor, _) -> do(main, fun() -> demonitor(erase(monitor), [flush]) end), [];
perform(disconnect_node, #{fs := Fs}) -> disconnected(Fs);
perform(connect_node, #{fs := Fs}) -> [net_kernel:connect_node(Fs)];
perform({wait_for, nodedown}, #{fs := Fs, pace := Pace}) -> node_gone(Fs, Pace * 10), [];
perform(nodes_hidden, _) -> [nodes(hidden)];
perform(nodes_hidden_and_visible, _) -> [nodes(hidden), nodes()];
perform(second_node_disconnects, #{fs := Fs}) ->
    erpc:call(persistent_term:get(second_node), erlang, disconnect_node, [Fs]),
    [];
perform(api_erlang_sessions, #{fs := Fs}) ->
    Node = atom_to_list(node()),
    [{did, {api_erlang_sessions, asked(Fs, {api, erlang, "sessions " ++ Node})}}];
perform({switch, Request}, _) -> observer ! Request, [];
perform(Call, Context) when element(1, Call) =:= call -> client(Call, Context);
perform(Step, Context) -> otp(Step, Context).

%% Calls of OTP's own, which a FreeSWITCH does not understand.
otp({gen_server_call, net_kernel = Name, Term}, Context) -> [called(Name, Term, Context)];
otp({gen_server_call, Name, Term}, Context) -> [{call_result, called(Name, Term, Context)}];
otp({rpc_call, M, F, A}, #{fs := Fs, pace := Pace}) -> [rpc:call(Fs, M, F, A, Pace)];
otp({rpc_block_call, M, F, A}, #{fs := Fs, pace := Pace}) -> [rpc:block_call(Fs, M, F, A, Pace)];
otp({gen_server_multi_call, Name, Term}, #{fs := Fs, pace := Pace}) ->
    [gen_server:multi_call([Fs], Name, Term, Pace)];
otp({repeat, Times, _}, Context) -> repeated(Times, Context);
otp({times, Times, bgapi}, Context) -> overtaken(Times, Context);
otp(wait, _) -> [];
otp(Term, Context) -> from(main, Term, Context).

called(Name, Term, #{fs := Fs, pace := Pace}) ->
    do(main, fun() ->
        try gen_server:call({Name, Fs}, Term, Pace)
        catch exit:{timeout, _} -> timeout
        end
    end).

%% Recorded between the replies of a case.
did(none, _) -> [];
did({kill, 'PID'}, Context) -> perform({kill, handler}, Context);
did({'FS_REF', 'PID'}, Context) -> perform({answer, worker}, Context);
did({to_fs_pid, {'FS_REF', 'PID'}}, #{fs_pid := Pid, ref := Ref}) ->
    Worker = ensure(worker),
    do(handler, fun() -> Pid ! {Ref, Worker} end),
    [];
did({three_answers, First, Second, Third}, Context) ->
    [from(handler, Term, Context) || Term <- [First, Second, Third]],
    [];
did({bgapi, _, _} = Term, Context) -> from(ctl, Term, Context);
did(Step, Context) -> perform(Step, Context).

from(Who, Term, #{fs := Fs, fs_pid := FsPid} = Context) ->
    Worker = case Term of
        {'FS_REF', 'PID'} -> ensure(worker);
        {to_name, _, {'FS_REF', 'PID'}} -> ensure(worker);
        _ -> undefined
    end,
    do(Who, fun() ->
        Fill = fun(T) -> fill(T, Context#{self => Worker}) end,
        case Term of
            {to_name, Name, T} -> {Name, Fs} ! Fill(T);
            {to_fs_pid, T} -> FsPid ! Fill(T);
            {unlink, 'FS_PID'} -> unlink(FsPid);
            {exit_signal, 'FS_PID', Reason} -> exit(FsPid, Reason);
            {every_fetch_answered_with, Xml} -> put(answer, {Fs, Xml});
            T -> {foo, Fs} ! Fill(T)
        end
    end),
    [].

%% The terms that a recorded request stands for.
fill('PID', #{self := undefined}) -> self();
fill('PID', #{self := Pid}) -> Pid;
fill('REF', _) -> make_ref();
fill('FS_PID', #{fs_pid := Pid}) -> Pid;
fill('FS_REF', #{ref := Ref}) -> Ref;
fill('STRING_OF_65535_a', _) -> lists:duplicate(65535, $a);
fill('STRING_OF_65536_a', _) -> lists:duplicate(65536, $a);
fill('BINARY_OF_70000_b', _) -> binary:copy(<<"b">>, 70000);
fill('XML', _) -> directory("x");
fill('STRING_OVER_65535', _) -> directory(lists:duplicate(65780, $x));
fill('BINARY_OVER_65535', _) -> list_to_binary(directory(lists:duplicate(65780, $x)));
fill({fetch_reply, Id, Xml}, Context) -> {fetch_reply, fetched(Id, Context), fill(Xml, Context)};
fill({fetch_reply, Id}, Context) -> {fetch_reply, fetched(Id, Context)};
fill(Tuple, Context) when is_tuple(Tuple) ->
    list_to_tuple([fill(Element, Context) || Element <- tuple_to_list(Tuple)]);
fill([Head | Tail], Context) -> [fill(Head, Context) | fill(Tail, Context)];
fill(Term, _) -> Term.

%% As it came, or in the other type of text where the recording has a binary.
fetched(last, #{ids := #{last := Id}}) -> Id;
fetched(Id, #{ids := Ids}) when is_binary(Id) ->
    case maps:get(binary_to_list(Id), Ids, Id) of
        Text when is_list(Text) -> list_to_binary(Text);
        Binary -> binary_to_list(Binary)
    end;
fetched(Id, #{ids := Ids}) -> maps:get(Id, Ids, Id).

directory(Password) ->
    "<document type=\"freeswitch/xml\"><section name=\"directory\"><domain name=\"example.com\">"
    "<groups><group name=\"g\"><users><user id=\"1000\"><params><param name=\"password\" value=\""
    ++ Password ++
    "\"/></params></user></users></group></groups></domain></section></document>".

client({call, freeswitch, Function, Arguments}, #{fs := Fs}) ->
    Main = ensure(main),
    Callback = fun(Outcome, Text) -> Main ! {callback, Outcome, Text} end,
    Filled = [case A of node -> Fs; 'FUN' -> Callback; _ -> A end || A <- Arguments],
    [{returned, do(main, fun() -> apply(freeswitch, Function, Filled) end)}].

repeated(Times, #{fs := Fs}) ->
    do(main, fun() ->
        [{foo, Fs} ! {sendevent, 'GENERAL', [{"n", integer_to_list(N)}]} || N <- lists:seq(1, Times)]
    end),
    [].

%% How often the answer of a job came before its id.
overtaken(Times, #{fs := Fs}) ->
    do(main, fun() ->
        [begin
            {foo, Fs} ! {bgapi, echo, "x"},
            receive
                {ok, Job} -> receive {bgok, Job, _} -> ok end;
                {bgok, _, _} -> exit(overtaken)
            end
        end || _ <- lists:seq(1, Times)]
    end),
    [].

disconnected(Fs) ->
    monitor_node(Fs, true),
    erlang:disconnect_node(Fs),
    receive {nodedown, Fs} -> ok end,
    [].

%% Not with `monitor_node`, which would connect again.
node_gone(Fs, Time) ->
    net_kernel:monitor_nodes(true, [{node_type, hidden}]),
    case lists:member(Fs, nodes(hidden)) of
        true -> receive {nodedown, Fs, _} -> ok after Time -> still_there end;
        false -> ok
    end,
    net_kernel:monitor_nodes(false, [{node_type, hidden}]),
    flush_node_messages().

flush_node_messages() ->
    receive
        {Change, _, _} when Change =:= nodeup; Change =:= nodedown -> flush_node_messages()
    after 0 -> ok
    end.

links_to(Pid, Fs) ->
    {links, Links} = erpc:call(node(Pid), erlang, process_info, [Pid, links]),
    [Link || Link <- Links, is_pid(Link), node(Link) =:= Fs].

spawned_and_dead() ->
    {Pid, Monitor} = spawn_monitor(fun() -> ok end),
    receive {'DOWN', Monitor, _, _, _} -> Pid end.

dies(undefined, _) -> [];
dies(Pid, Kill) ->
    Monitor = monitor(process, Pid),
    Kill(Pid),
    receive {'DOWN', Monitor, _, _, _} -> [] end.

asked(Fs, Request) ->
    Ref = make_ref(),
    Asker = self(),
    spawn(fun() -> {foo, Fs} ! Request, receive {ok, Text} -> Asker ! {Ref, Text} end end),
    receive {Ref, Text} -> Text after 5000 -> timeout end.

%% `{bgapi, quiet, _}` is answered when the switch has nothing left to do.
quiet(Fs) ->
    {foo, Fs} ! {bgapi, quiet, []},
    receive
        {ok, Job} -> receive {_, Job, _} -> ok after 2000 -> late end;
        {error, _} -> not_asked
    after 2000 -> late
    end.

is_of_quiet({event, [_ | Pairs]}) ->
    lists:any(fun({Name, Value}) -> is(Value, "quiet") andalso is_command(Name); (_) -> false end, Pairs);
is_of_quiet(_) -> false.

is_command(Name) -> is(Name, "API-Command") orelse is(Name, "Job-Command").

is(Text, Text) -> true;
is(Binary, Text) when is_binary(Binary) -> binary_to_list(Binary) =:= Text;
is(_, _) -> false.

%% Every process has handed on what it has got.
flush() ->
    [do(Who, fun() -> ok end) || Who <- names(), whereis_process(Who) =/= undefined],
    ok.

names() ->
    [main, ctl, evh, evh2, logh, b1, b2, lnk, other, handler, handler2, worker, raw, h2].

do(Who, Fun) ->
    Pid = ensure(Who),
    Ref = monitor(process, Pid),
    Pid ! {'$do', self(), Ref, Fun},
    receive
        {Ref, Value} -> demonitor(Ref, [flush]), Value;
        {'DOWN', Ref, _, _, Reason} -> {died, Reason}
    end.

whereis_process(h2) -> persistent_term:get(h2, undefined);
whereis_process(Who) -> whereis(registered(Who)).

registered(main) -> drv_main;
registered(Who) -> Who.

ensure(h2) ->
    case whereis_process(h2) of
        undefined ->
            Driver = whereis(replay_driver),
            Pid = spawn(persistent_term:get(second_node), replay_steps, process, [h2, Driver]),
            persistent_term:put(h2, Pid),
            Pid;
        Pid -> Pid
    end;
ensure(Who) ->
    case whereis_process(Who) of
        undefined ->
            Pid = spawn(replay_steps, process, [Who, whereis(replay_driver)]),
            register(registered(Who), Pid),
            Pid;
        Pid -> Pid
    end.

%% Those that are to tell of the end of a connection trap exits.
process(Who, Driver) ->
    process_flag(trap_exit, lists:member(Who, [main, evh, evh2])),
    serve(Who, Driver).

serve(Who, Driver) ->
    receive
        {'$do', From, Ref, Fun} -> From ! {Ref, Fun()}, serve(Who, Driver);
        '$end' -> ok;
        Message ->
            Driver ! {seen, Who, Message},
            answer(Message),
            serve(Who, Driver)
    end.

answer({fetch, _, _, _, _, Id, _}) ->
    case get(answer) of
        {Fs, Xml} -> {foo, Fs} ! {fetch_reply, Id, Xml};
        undefined -> ok
    end;
answer(_) -> ok.
