%% What the walkers do, at random. Targets are slots, 1 to 3 on node `a` and 4 to 6 on node `b`,
%% `{Name, a | b}` for a registered name, `{alias, Back}` for one of the aliases made so far.
-module(walk_plan).
-export([operations/1, side/1, pick/1]).

%% What the walker of a slot does next: mostly one thing. Several are done at once, without waiting
%% for what comes of each, when that does not depend on who is quicker: by a walker that traps exits,
%% towards a target on the other node.
operations(Slot) ->
    case rand:uniform(6) of
        1 -> [{trap, true} | together(pick(slots(other(side(Slot)))), 1 + rand:uniform(4))];
        _ -> [operation(rand:uniform(100), rand:uniform(6), Slot)]
    end.

side(Slot) when Slot =< 3 -> a;
side(_) -> b.

pick(List) ->
    lists:nth(rand:uniform(length(List)), List).

slots(a) -> [1, 2, 3];
slots(b) -> [4, 5, 6].

other(a) -> b;
other(b) -> a.

together(_, 0) -> [];
together(Target, Count) -> [towards(rand:uniform(10), Target) | together(Target, Count - 1)].

towards(N, Target) when N =< 3 -> {link, Target};
towards(N, Target) when N =< 6 -> {unlink, Target};
towards(7, Target) -> {monitor, Target};
towards(8, _) -> demonitor();
towards(9, Target) -> {exit, Target, reason()};
towards(10, Target) -> {send, Target}.

operation(N, Target, _) when N =< 22 -> {link, Target};
operation(N, Target, _) when N =< 32 -> {unlink, Target};
operation(N, Target, _) when N =< 43 -> {monitor, Target};
operation(N, _, _) when N =< 50 -> {monitor, name()};
operation(N, _, _) when N =< 56 -> demonitor();
operation(N, Target, _) when N =< 65 -> {exit, Target, reason()};
operation(N, _, _) when N =< 70 -> {stop, reason()};
operation(N, _, _) when N =< 78 -> {trap, pick([true, true, false])};
operation(N, Target, _) when N =< 83 -> {send, Target};
operation(N, _, _) when N =< 86 -> {send, name()};
operation(N, _, _) when N =< 90 -> {register, pick([n1, n2])};
operation(N, _, _) when N =< 92 -> unregister;
operation(N, _, Slot) when N =< 94 -> {monitor_node, other(side(Slot)), pick([true, true, false])};
operation(N, _, _) when N =< 96 -> alias;
operation(97, _, _) -> {unalias, rand:uniform(3) - 1};
operation(_, _, _) -> {send, {alias, rand:uniform(4) - 1}}.

demonitor() ->
    {demonitor, rand:uniform(3) - 1, pick([[], [flush]])}.

name() ->
    {pick([n1, n2]), pick([a, b])}.

reason() ->
    pick([normal, normal, kill, kill, killed, shutdown, boom, noproc, {shutdown, 1}, {deep, [#{}]}]).
