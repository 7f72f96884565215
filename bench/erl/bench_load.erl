%% Runs an operation one at a time, or from 64 processes at once, for a while.
-module(bench_load).
-export([latency/2, together/2, until/2, now_ns/0]).

-define(CALLERS, 64).

now_ns() -> erlang:monotonic_time(nanosecond).

%% {P50 in us, P99 in us, operations per second, count}
latency(Step, Ns) ->
    Start = now_ns(),
    Times = timed(Step, Start, Start + Ns, []),
    Elapsed = now_ns() - Start,
    Count = length(Times),
    Sorted = list_to_tuple(lists:sort(Times)),
    P50 = element(1 + Count div 2, Sorted) / 1000,
    P99 = element(1 + Count * 99 div 100, Sorted) / 1000,
    {P50, P99, Count * 1.0e9 / Elapsed, Count}.

timed(Step, Last, Stop, Times) ->
    Step(),
    case now_ns() of
        Now when Now < Stop -> timed(Step, Now, Stop, [Now - Last | Times]);
        Now -> [Now - Last | Times]
    end.

%% {operations per second, count}
together(Step, Ns) ->
    Me = self(),
    Start = now_ns(),
    Callers = [
        spawn_link(fun() -> Me ! {self(), until(Step, Start + Ns)} end)
     || _ <- lists:seq(1, ?CALLERS)
    ],
    Count = lists:sum([receive {Caller, N} -> N end || Caller <- Callers]),
    {Count * 1.0e9 / (now_ns() - Start), Count}.

%% How often Step ran before Stop.
until(Step, Stop) -> until(Step, Stop, 0).

until(Step, Stop, Count) ->
    Step(),
    case now_ns() < Stop of
        true -> until(Step, Stop, Count + 1);
        false -> Count + 1
    end.
