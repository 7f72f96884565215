%% What the walkers do, at random. Targets are slots, 1 to 3 on node `a` and 4 to 6 on node `b`,
%% `{Name, a | b}` for a registered name, `{alias, Back}` for one of the aliases made so far.
-module(walk_plan).
-export([operations/1, crossing/2, chaos/2, side/1, pick/1]).

%% What the walker of a slot does next: mostly one thing. Several are done at once, without waiting
%% for what comes of each, when that does not depend on who is quicker: by a walker that traps
%% exits, towards a target on the other node, which is left alone once it is told to exit.
operations(Slot) ->
    case rand:uniform(6) of
        1 -> [{trap, true} | together(pick(slots(other(side(Slot)))), 1 + rand:uniform(3))];
        _ -> [operation(rand:uniform(100), rand:uniform(6), Slot)]
    end.

%% What two walkers do to each other at the same time. Whichever is quicker, what both do last
%% holds.
crossing(SlotA, SlotB) ->
    Last = pick([link, unlink]),
    {back_and_forth(SlotB, Last), back_and_forth(SlotA, Last)}.

back_and_forth(Target, Last) ->
    [{pick([link, unlink]), Target} || _ <- lists:seq(1, rand:uniform(4))] ++ [{Last, Target}].

%% What a walker does to one on the other node while many others do so, too.
chaos(PidOf, Slot) ->
    Pid = PidOf(pick(slots(other(side(Slot))))),
    case rand:uniform(8) of
        N when N =< 3 -> [{link, Pid}];
        N when N =< 5 -> [{unlink, Pid}];
        6 -> [{unlink, Pid}, {link, Pid}];
        7 -> [{monitor, Pid}];
        8 -> [demonitor()]
    end.

side(Slot) when Slot =< 3 -> a;
side(_) -> b.

pick(List) ->
    lists:nth(rand:uniform(length(List)), List).

slots(a) -> [1, 2, 3];
slots(b) -> [4, 5, 6].

other(a) -> b;
other(b) -> a.

together(Target, 0) -> [pick([{send, Target}, {exit, Target, reason()}])];
together(Target, Count) -> [towards(rand:uniform(10), Target) | together(Target, Count - 1)].

towards(N, Target) when N =< 3 -> {link, Target};
towards(N, Target) when N =< 6 -> {unlink, Target};
towards(N, Target) when N =< 8 -> {monitor, Target};
towards(9, _) -> demonitor();
towards(10, Target) -> {send, Target}.

operation(N, Target, _) when N =< 22 -> {link, Target};
operation(N, Target, _) when N =< 32 -> {unlink, Target};
operation(N, Target, _) when N =< 40 -> {monitor, Target};
operation(N, Target, _) when N =< 43 -> {monitor, Target, aliased()};
operation(N, _, _) when N =< 49 -> {monitor, name()};
operation(N, _, _) when N =< 54 -> demonitor();
operation(N, Target, _) when N =< 58 ->
    {spawn, Target, pick([[], [link], [monitor], [link, monitor]])};
operation(N, Target, _) when N =< 66 -> {exit, Target, reason()};
operation(N, _, _) when N =< 70 -> {stop, reason()};
operation(N, _, _) when N =< 78 -> {trap, pick([true, true, false])};
operation(N, Target, _) when N =< 83 -> {send, Target};
operation(N, _, _) when N =< 86 -> {send, name()};
operation(N, _, _) when N =< 90 -> {register, pick([n1, n2])};
operation(N, _, _) when N =< 92 -> unregister;
operation(N, _, Slot) when N =< 94 -> {monitor_node, other(side(Slot)), pick([true, true, false])};
operation(N, _, _) when N =< 96 -> {alias, pick([[], [reply]])};
operation(97, _, _) -> {unalias, rand:uniform(3) - 1};
operation(_, _, _) -> {send, {alias, rand:uniform(4) - 1}}.

aliased() ->
    pick([explicit_unalias, demonitor, reply_demonitor]).

demonitor() ->
    {demonitor, rand:uniform(3) - 1, pick([[], [flush]])}.

name() ->
    {pick([n1, n2]), pick([a, b])}.

reason() ->
    Deep = {1.0, #{<<1:3>> => "text"}, [fun lists:seq/2, <<"bytes">> | 1 bsl 70]},
    pick([normal, normal, kill, kill, killed, shutdown, {shutdown, 1}, boom, noproc, Deep]).
