%% One side of a random walk: the walkers of one node, and the server that `walk_driver` asks to
%% make them, to have them do things, and to tell what has come of it. `javascript-side.ts` answers
%% the same requests for a node of ours.
%%
%%   {ask, From, Ref, Request} -> {Ref, Answer}
%%     reset            -> ok                          all walkers are gone, all is forgotten
%%     {spawn, Id}      -> pid()
%%     {act, Id, Ops}   -> [Result] | gone             a new step begins
%%     step             -> ok                          a new step begins, with nothing done here
%%     settle           -> {[{Id, Reason}], [{Id, Message}]}
%%                                                     who ended and what arrived in this step, once
%%                                                     all signals that were here have been handled
%%   {disconnect, Node} -> no answer
-module(walk_side).
-export([start/0, spawned/1, views/1]).

-record(side, {walkers = #{}, ids = #{}, ended = [], log = []}).

%% References of a walker, the latest first.
-record(walker, {id, side, monitors = [], aliases = []}).

start() ->
    Starter = self(),
    Side = spawn(fun() ->
        register(walk, self()),
        Starter ! {self(), ready},
        serve(#side{})
    end),
    receive {Side, ready} -> Side end.

%% A walker that another has spawned.
spawned(Id) ->
    walk ! {spawned, Id, self()},
    walk(#walker{id = Id, side = whereis(walk)}).

%% What this node knows of the links and monitors of its processes.
views(Pids) ->
    [{Pid, erlang:process_info(Pid, [links, monitors, monitored_by])} || Pid <- Pids].

serve(Side) ->
    receive
        {ask, From, Ref, Request} ->
            {Answer, Next} = answer(Request, Side),
            From ! {Ref, Answer},
            serve(Next);
        {disconnect, Node} ->
            erlang:disconnect_node(Node),
            serve(Side);
        Event ->
            serve(noted(Event, Side))
    end.

answer(reset, #side{walkers = Walkers}) ->
    [end_walker(Pid) || Pid <- maps:values(Walkers)],
    {ok, #side{}};
answer({spawn, Id}, Side) ->
    Server = self(),
    Pid = spawn(fun() -> walk(#walker{id = Id, side = Server}) end),
    {Pid, with_walker(Id, Pid, Side)};
answer({act, Id, Ops}, #side{walkers = Walkers} = Side) ->
    {ask(maps:get(Id, Walkers), Ops), Side#side{ended = [], log = []}};
answer(step, Side) ->
    {ok, Side#side{ended = [], log = []}};
answer(settle, #side{walkers = Walkers} = Side) ->
    [handle_signals(Pid) || Pid <- maps:values(Walkers)],
    #side{ended = Ended, log = Log} = Settled = noted_all(Side),
    {{lists:sort(Ended), lists:reverse(Log)}, Settled}.

with_walker(Id, Pid, #side{walkers = Walkers, ids = Ids} = Side) ->
    monitor(process, Pid),
    Side#side{walkers = Walkers#{Id => Pid}, ids = Ids#{Pid => Id}}.

end_walker(Pid) ->
    Monitor = monitor(process, Pid),
    exit(Pid, kill),
    receive {'DOWN', Monitor, _, _, _} -> ok end.

%% `is_process_alive/1` handles what is in the signal queue, and waits for those that are ending.
handle_signals(Pid) ->
    is_process_alive(Pid) andalso ask(Pid, []).

ask(Pid, Ops) ->
    Monitor = monitor(process, Pid),
    Pid ! {walk, Monitor, Ops},
    receive
        {Monitor, Results} -> demonitor(Monitor, [flush]), Results;
        {'DOWN', Monitor, _, _, _} -> gone
    end.

noted_all(Side) ->
    receive
        {spawned, _, _} = Event -> noted_all(noted(Event, Side));
        {log, _, _} = Event -> noted_all(noted(Event, Side));
        {'DOWN', _, _, _, _} = Event -> noted_all(noted(Event, Side))
    after 0 -> Side
    end.

noted({spawned, Id, Pid}, Side) ->
    with_walker(Id, Pid, Side);
noted({log, Id, Message}, #side{log = Log} = Side) ->
    Side#side{log = [{Id, Message} | Log]};
noted({'DOWN', _, process, Pid, Reason}, #side{walkers = Walkers, ids = Ids} = Side) ->
    case maps:take(Pid, Ids) of
        {Id, Left} ->
            Ended = [{Id, Reason} | Side#side.ended],
            Side#side{walkers = maps:remove(Id, Walkers), ids = Left, ended = Ended};
        error ->
            Side
    end.

%% A walker does what it is told and says what else arrives.
walk(#walker{id = Id, side = Side} = Walker) ->
    receive
        {walk, Ref, Ops} ->
            {Results, Next} = lists:mapfoldl(fun act/2, Walker, Ops),
            Side ! {Ref, Results},
            walk(Next);
        Message ->
            Side ! {log, Id, Message},
            walk(Walker)
    end.

act({monitor, Target}, #walker{monitors = Monitors} = Walker) ->
    Ref = monitor(process, Target),
    {Ref, Walker#walker{monitors = [Ref | Monitors]}};
act({monitor, Target, Alias}, #walker{monitors = Monitors, aliases = Aliases} = Walker) ->
    Ref = monitor(process, Target, [{alias, Alias}]),
    {Ref, Walker#walker{monitors = [Ref | Monitors], aliases = [Ref | Aliases]}};
act({demonitor, _, _}, #walker{monitors = []} = Walker) ->
    {none, Walker};
act({demonitor, Back, Options}, #walker{monitors = Monitors} = Walker) ->
    {demonitor(nth_back(Back, Monitors), [info | Options]), Walker};
act({alias, Options}, #walker{aliases = Aliases} = Walker) ->
    Ref = alias(Options),
    {Ref, Walker#walker{aliases = [Ref | Aliases]}};
act({unalias, _}, #walker{aliases = []} = Walker) ->
    {none, Walker};
act({unalias, Back}, #walker{aliases = Aliases} = Walker) ->
    {unalias(nth_back(Back, Aliases)), Walker};
act({spawn, Node, Id, Options}, #walker{monitors = Monitors} = Walker) ->
    case spawn_opt(Node, walk_side, spawned, [Id], Options) of
        {_, Ref} = Spawned -> {Spawned, Walker#walker{monitors = [Ref | Monitors]}};
        Pid -> {Pid, Walker}
    end;
act(Op, Walker) ->
    {act(Op), Walker}.

%% The last one but `Back`, going round.
nth_back(Back, Refs) ->
    lists:nth(1 + Back rem length(Refs), Refs).

act({link, Pid}) -> linked(Pid);
act({unlink, Pid}) -> unlink(Pid);
act({exit, Pid, Reason}) -> exit(Pid, Reason);
act({stop, Reason}) -> exit(Reason);
act({trap, Traps}) -> process_flag(trap_exit, Traps);
act({send, To, Message}) -> To ! Message, ok;
act({register, Name}) -> succeeds(fun() -> register(Name, self()) end);
act(unregister) -> unregistered(process_info(self(), registered_name));
act({monitor_node, Node, Flag}) -> monitor_node(Node, Flag).

%% A local pid that is dead is told by an error, one elsewhere by an exit signal; nobody who does
%% not catch can tell the two apart, save for the stack in the reason.
linked(Pid) ->
    try link(Pid) catch error:noproc -> exit(noproc) end.

unregistered({registered_name, Name}) -> unregister(Name);
unregistered([]) -> none.

succeeds(Do) ->
    try Do() catch error:badarg -> error end.
