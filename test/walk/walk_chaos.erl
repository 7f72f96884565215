%% Links, unlinks, monitors and demonitors of processes on two nodes that cross on their way.
%% However they do, both nodes must know the same in the end: when a process ends, or the connection
%% is lost, those and only those hear of it that the first node takes to be linked or to monitor.
%%
%% Runs on the first node; the second is any on which `walk` answers (`walk_side`).
-module(walk_chaos).
-export([run/3]).

%% What was not as it must be: nothing.
run(Peer, Seed, Count) ->
    rand:seed(exsss, Seed),
    [ok = walk_sides:ask(Node, reset) || Node <- [node(), Peer]],
    Pids = maps:from_list([{Id, walker(Id, Peer)} || Id <- lists:seq(1, 6)]),
    Asked = [operate(Pids) || _ <- lists:seq(1, Count)],
    [walk_sides:answered(One) || One <- lists:append(Asked)],
    walk_sides:settled([node(), Peer]),
    case rand:uniform(2) of
        1 -> lists:append([ended(Id, Pids) || Id <- shuffled(maps:keys(Pids))]);
        2 -> parted(Peer, Pids)
    end.

%% Ids 1 to 3 are here, 4 to 6 there. All trap exits.
walker(Id, Peer) ->
    Node = case walk_plan:side(Id) of a -> node(); b -> Peer end,
    Pid = walk_sides:ask(Node, {spawn, Id}),
    [false] = walk_sides:ask(Node, {act, Id, [{trap, true}]}),
    Pid.

%% What is done here is waited for, so that what is done there goes on meanwhile.
operate(Pids) ->
    Id = rand:uniform(6),
    Request = {act, Id, walk_plan:chaos(fun(Target) -> maps:get(Target, Pids) end, Id)},
    case node(maps:get(Id, Pids)) of
        Node when Node =:= node() -> walk_sides:ask(Node, Request), [];
        Node -> [walk_sides:asked(Node, Request)]
    end.

shuffled(List) ->
    [Element || {_, Element} <- lists:sort([{rand:uniform(), Element} || Element <- List])].

%% Ends one, and looks who hears of it.
ended(Id, Pids) ->
    Pid = maps:get(Id, Pids),
    [Peer] = lists:usort([node(P) || P <- maps:values(Pids)]) -- [node()],
    Expected = {linked(Pid, Pids), monitoring(Pid, Pids)},
    [ok = walk_sides:ask(Node, step) || Node <- [node(), Peer]],
    gone = walk_sides:ask(node(Pid), {act, Id, [{stop, over}]}),
    {_, Log} = walk_sides:settled([node(), Peer]),
    Exits = lists:sort([Who || {Who, {'EXIT', From, over}} <- Log, From =:= Pid]),
    Downs = lists:sort([Who || {Who, {'DOWN', _, process, From, over}} <- Log, From =:= Pid]),
    [{ended, Id, Expected, {Exits, Downs}} || {Exits, Downs} =/= Expected].

%% Loses the connection, and looks who hears of whom.
parted(Peer, Pids) ->
    Ids = lists:sort(maps:to_list(Pids)),
    Links = [{Who, Id} || {Id, Pid} <- Ids, Who <- linked(Pid, Pids)],
    Monitors = [{Who, Id} || {Id, Pid} <- Ids, Who <- monitoring(Pid, Pids)],
    [ok = walk_sides:ask(Node, step) || Node <- [node(), Peer]],
    walk_sides:reconnected(node(), Peer),
    {_, Log} = walk_sides:settled([node(), Peer]),
    Id = fun(Pid) -> [Found] = [One || {One, P} <- Ids, P =:= Pid], Found end,
    Exits = [{Who, Id(From)} || {Who, {'EXIT', From, noconnection}} <- Log],
    Downs = [{Who, Id(From)} || {Who, {'DOWN', _, process, From, noconnection}} <- Log],
    Expected = {lists:sort(Links), lists:sort(Monitors)},
    Heard = {lists:sort(Exits), lists:sort(Downs)},
    [{parted, Expected, Heard} || Heard =/= Expected].

%% Who on the other node is linked with a process, and who monitors it, as often as they do: what
%% this node knows of it.
linked(Pid, Pids) when node(Pid) =:= node() ->
    among(across(Pid, Pids), info(Pid, links));
linked(Pid, Pids) ->
    [Id || {Id, Other} <- across(Pid, Pids), One <- info(Other, links), One =:= Pid].

monitoring(Pid, Pids) when node(Pid) =:= node() ->
    among(across(Pid, Pids), info(Pid, monitored_by));
monitoring(Pid, Pids) ->
    [Id || {Id, Other} <- across(Pid, Pids), One <- info(Other, monitors), One =:= {process, Pid}].

across(Pid, Pids) ->
    [{Id, Other} || {Id, Other} <- lists:sort(maps:to_list(Pids)), node(Other) =/= node(Pid)].

among(Others, Found) ->
    [Id || {Id, Other} <- Others, One <- Found, One =:= Other].

%% Nothing, once it has ended.
info(Pid, Key) ->
    case process_info(Pid, Key) of
        {Key, Found} -> Found;
        undefined -> []
    end.
