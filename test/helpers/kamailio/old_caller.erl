%% Asks a gen_server as db_erlang does: with a plain reference as the tag, text as lists of bytes, and
%% no monitor. `timeout` stands for its error -5.
-module(old_caller).
-export([ask/2, ask/3, many/4]).

ask(To, Request) ->
    ask(To, Request, 5000).

ask(To, Request, Timeout) ->
    Ref = make_ref(),
    To ! {'$gen_call', {self(), Ref}, Request},
    receive {Ref, Reply} -> Reply after Timeout -> timeout end.

%% So many callers at once, each with so many requests Fun(Caller, N); the answers of all.
many(To, Callers, Count, Fun) ->
    Me = self(),
    Pids = [spawn_link(fun() -> Me ! {self(), [ask(To, Fun(C, N)) || N <- lists:seq(1, Count)]} end)
            || C <- lists:seq(1, Callers)],
    [receive {Pid, Answers} -> Answers after 20000 -> exit(late) end || Pid <- Pids].
