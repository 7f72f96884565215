%% A random walk: processes on two nodes link, monitor, exit and send, one step at a time, as a seed
%% says. After each step both sides are left to settle, and what has come of it is written down in
%% words that are the same for every pair of nodes: pids, references and nodes by label. Two pairs
%% of nodes agree when they give the same lines.
%%
%% Runs on the first node, `a`. The second, `b`, is any node on which `walk` answers (`walk_side`).
%%
%% What Erlang leaves open is left out: the order of messages from different senders within a step,
%% what a process got in the step in which it ended, and what its operations gave then.
-module(walk_driver).
-export([run/3]).

-record(walk, {
    peer,
    step = 0,
    %% Slot => pid of the walker that has it, or had it last.
    slots = #{},
    %% Id => pid; ids count up.
    pids = #{},
    ended = #{},
    %% Aliases that were made, the latest first.
    aliases = [],
    %% Pid, reference or node => label.
    labels,
    %% What `views/1` gave last.
    views = []
}).

%% The lines of the walk, as one binary.
run(Peer, Seed, Steps) ->
    rand:seed(exsss, Seed),
    Walk = #walk{peer = Peer, labels = #{node() => a, Peer => b}},
    [ok = ask(Side, reset, Walk) || Side <- [a, b]],
    Peopled = lists:foldl(fun occupied/2, Walk, lists:seq(1, 6)),
    unicode:characters_to_binary(lists:join($\n, lines(Steps, Peopled))).

lines(Steps, #walk{step = Steps}) ->
    [];
lines(Steps, #walk{step = Before} = Walk) ->
    Step = Before + 1,
    try step(Walk#walk{step = Step}) of
        {Line, Next} -> [io_lib:format("~b ~0tp", [Step, Line]) | lines(Steps, Next)]
    catch
        Class:Reason:Stack -> [io_lib:format("~b failed ~0tp", [Step, {Class, Reason, Stack}])]
    end.

step(Walk) ->
    case rand:uniform(50) of
        1 -> disconnect(walk_plan:pick([a, b]), Walk);
        N when N =< 6 -> cross(rand:uniform(3), 3 + rand:uniform(3), Walk);
        _ -> operate(rand:uniform(6), Walk)
    end.

operate(Slot, Before) ->
    Walk = occupied(Slot, Before),
    Actor = maps:get(Slot, Walk#walk.slots),
    Plan = walk_plan:operations(Slot),
    Ops = [resolved(Op, Actor, Walk) || Op <- Plan],
    Side = walk_plan:side(Slot),
    ok = ask(other(Side), step, Walk),
    Results = ask(Side, {act, id(Actor, Walk), Ops}, Walk),
    outcome(Actor, Ops, Results, made(Plan, Results, Walk)).

%% Two walkers link and unlink each other at the same time; both end with the same.
cross(SlotA, SlotB, Before) ->
    Walk = occupied(SlotB, occupied(SlotA, Before)),
    #{SlotA := A, SlotB := B} = Walk#walk.slots,
    {PlanA, PlanB} = walk_plan:crossing(SlotA, SlotB),
    OpsA = [resolved(Op, A, Walk) || Op <- PlanA],
    OpsB = [resolved(Op, B, Walk) || Op <- PlanB],
    Asked = [asked(b, {act, id(B, Walk), OpsB}, Walk), asked(a, {act, id(A, Walk), OpsA}, Walk)],
    outcome({A, B}, [OpsA, OpsB], [walk_sides:answered(One) || One <- Asked], Walk).

%% Sees to it that a walker has the slot.
occupied(Slot, #walk{slots = Slots, ended = Ended} = Walk) ->
    case Slots of
        #{Slot := Pid} when not is_map_key(Pid, Ended) -> Walk;
        #{} -> occupy(Slot, Walk)
    end.

occupy(Slot, Walk) ->
    with_walker(Slot, ask(walk_plan:side(Slot), {spawn, next_id(Walk)}, Walk), Walk).

with_walker(Slot, Pid, #walk{slots = Slots, pids = Pids, labels = Labels} = Walk) ->
    Id = next_id(Walk),
    Walk#walk{
        slots = Slots#{Slot => Pid},
        pids = Pids#{Id => Pid},
        labels = Labels#{Pid => label(walk_plan:side(Slot), Id)}
    }.

next_id(#walk{pids = Pids}) ->
    maps:size(Pids) + 1.

label(Kind, Number) ->
    list_to_atom(lists:concat([Kind, Number])).

id(Pid, #walk{pids = Pids}) ->
    [Id] = [Id || {Id, Found} <- maps:to_list(Pids), Found =:= Pid],
    Id.

resolved({send, To}, Actor, #walk{step = Step} = Walk) ->
    {send, target(To, Walk), {message, Actor, Step}};
resolved({exit, To, Reason}, _, Walk) ->
    {exit, target(To, Walk), Reason};
resolved({monitor_node, Side, Flag}, _, Walk) ->
    {monitor_node, node_of(Side, Walk), Flag};
resolved({spawn, Slot, Options}, _, Walk) ->
    {spawn, node_of(walk_plan:side(Slot), Walk), next_id(Walk), Options};
resolved({monitor, To, Alias}, _, Walk) ->
    {monitor, target(To, Walk), Alias};
resolved({Op, To}, _, Walk) when Op =:= link; Op =:= unlink; Op =:= monitor ->
    {Op, target(To, Walk)};
resolved(Op, _, _) ->
    Op.

target({alias, _}, #walk{aliases = []} = Walk) -> target({n1, b}, Walk);
target({alias, Back}, #walk{aliases = Refs}) -> lists:nth(1 + Back rem length(Refs), Refs);
target({Name, Side}, Walk) -> {Name, node_of(Side, Walk)};
target(Slot, #walk{slots = Slots}) -> maps:get(Slot, Slots).

node_of(a, _) -> node();
node_of(b, #walk{peer = Peer}) -> Peer.

%% Gives labels to the references and to the processes that operations have made.
made(_, gone, Walk) ->
    Walk;
made(Plan, Results, Walk) ->
    lists:foldl(fun made/2, Walk, lists:zip(Plan, Results)).

made({{spawn, Slot, _}, {Pid, Ref}}, Walk) -> with_walker(Slot, Pid, with_reference(Ref, Walk));
made({{spawn, Slot, _}, Pid}, Walk) -> with_walker(Slot, Pid, Walk);
made({{monitor, _}, Ref}, Walk) -> with_reference(Ref, Walk);
made({{monitor, _, _}, Ref}, Walk) -> with_alias(Ref, Walk);
made({{alias, _}, Ref}, Walk) -> with_alias(Ref, Walk);
made(_, Walk) -> Walk.

with_alias(Ref, #walk{aliases = Aliases} = Walk) ->
    with_reference(Ref, Walk#walk{aliases = [Ref | Aliases]}).

with_reference(Ref, #walk{labels = Labels} = Walk) ->
    Walk#walk{labels = Labels#{Ref => label(r, maps:size(Labels))}}.

disconnect(By, Walk) ->
    [ok = ask(Side, step, Walk) || Side <- [a, b]],
    walk_sides:reconnected(node_of(By, Walk), node_of(other(By), Walk)),
    outcome(By, [disconnect], [], Walk).

other(a) -> b;
other(b) -> a.

%% The line of the step, once nothing happens any more.
outcome(Actor, Ops, Results, Walk) ->
    {Ended, Log} = settled(Walk),
    Next = Walk#walk{ended = maps:merge(Walk#walk.ended, maps:from_list(Ended))},
    Known = case maps:is_key(Actor, Next#walk.ended) of
        true -> ended;
        false -> Results
    end,
    Views = views(Next),
    Line = [{Actor, Ops, Known}]
        ++ [{ended, Label, Reason} || {Label, Reason} <- lists:sort(labelled(Ended, Walk))]
        ++ [{got, Label, Messages} || {Label, Messages} <- by_receiver(Log, Next)]
        ++ (Views -- Next#walk.views),
    {labelled(Line, Walk), Next#walk{views = Views}}.

settled(#walk{peer = Peer, pids = Pids}) ->
    {Ended, Log} = walk_sides:settled([node(), Peer]),
    Named = fun(List) -> [{maps:get(Id, Pids), What} || {Id, What} <- List] end,
    {Named(Ended), Named(Log)}.

by_receiver(Log, #walk{ended = Ended} = Walk) ->
    Received = [{Pid, Message} || {Pid, Message} <- Log, not is_map_key(Pid, Ended)],
    lists:sort([
        {labelled(Pid, Walk), by_sender([M || {P, M} <- Received, P =:= Pid], Walk)}
     || Pid <- lists:usort([P || {P, _} <- Received])
    ]).

by_sender(Messages, Walk) ->
    Sent = [{sender(Message), Message} || Message <- labelled(Messages, Walk)],
    downs_in_order([Message || {_, Message} <- lists:keysort(1, Sent)]).

%% Who monitors a process twice is told twice at once, in any order.
downs_in_order(Messages) ->
    IsDown = fun(Message) -> element(1, Message) =:= 'DOWN' end,
    case lists:splitwith(IsDown, Messages) of
        {[], []} -> [];
        {[], [Other | Rest]} -> [Other | downs_in_order(Rest)];
        {Downs, Rest} -> lists:keysort(4, lists:keysort(2, Downs)) ++ downs_in_order(Rest)
    end.

sender({'EXIT', Pid, _}) -> Pid;
sender({'DOWN', _, _, Object, _}) -> Object;
sender({nodedown, Node}) -> Node;
sender({message, Pid, _}) -> Pid.

%% What `a` knows of the links and monitors of its walkers that live. Both ends of what crosses
%% nodes must agree on it, so it tells of mistakes of `b` as well.
views(#walk{pids = Pids, ended = Ended} = Walk) ->
    Living = [P || P <- maps:values(Pids), node(P) =:= node(), not is_map_key(P, Ended)],
    Views = [{labelled(P, Walk), view(Info, Walk)} || {P, Info} <- walk_side:views(Living)],
    lists:sort([{linked, Label, Set} || {Label, Set} <- Views]).

view(Info, Walk) when is_list(Info) ->
    [lists:sort([labelled(One, Walk) || One <- Set, is_walker(One, Walk)]) || {_, Set} <- Info];
view(undefined, _) ->
    undefined.

%% The server of a side monitors its walkers, too.
is_walker({process, Object}, Walk) -> is_walker(Object, Walk);
is_walker({Name, _}, _) when is_atom(Name) -> true;
is_walker(Pid, #walk{labels = Labels}) -> is_map_key(Pid, Labels).

labelled(Term, #walk{labels = Labels}) when is_map_key(Term, Labels) -> maps:get(Term, Labels);
labelled([Head | Tail], Walk) -> [labelled(Head, Walk) | labelled(Tail, Walk)];
labelled(Term, Walk) when is_tuple(Term) ->
    list_to_tuple(labelled(tuple_to_list(Term), Walk));
labelled(Term, _) -> Term.

ask(Side, Request, Walk) ->
    walk_sides:ask(node_of(Side, Walk), Request).

asked(Side, Request, Walk) ->
    walk_sides:asked(node_of(Side, Walk), Request).
