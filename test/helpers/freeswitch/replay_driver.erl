%% Replays recorded exchanges of `transcript-string.term` against a switch, one case at a time, and
%% gives back what came: `[{Receiver, Term}]` in the order seen, pids, references and fetch ids
%% replaced as in the recording. What is done in a case is a script:
%%
%%   {await, N}       until as many replies came to each receiver as among the first N expected ones
%%   {await, Who, N}  until N came to one
%%   forget           what has come so far
%%   Step             as in `replay_steps`
%%
%% It is quiet when the expected replies have come and the switch says that it has nothing left to
%% do (`bgapi quiet`); what comes until then and is not expected is given back too.
-module(replay_driver).
-export([start/3, run/2, recorded/1, replies/1, expected/1,
    inserted/3, answered_in_time/2]).

-record(replay, {cases, fs, fs_pid, ref, ids = #{}, due = [], seen = [], pace}).

%% `Pace`: how long calls that nobody answers wait, in milliseconds.
start(Fs, File, Pace) ->
    {ok, Terms} = file:consult(File),
    Cases = maps:from_list([{element(1, Term), Term} || Term <- Terms]),
    Starter = self(),
    Pid = spawn(fun() ->
        register(replay_driver, self()),
        persistent_term:put(freeswitch_timeout, Pace),
        Starter ! {started, self()},
        loop(#replay{cases = Cases, fs = Fs, pace = Pace})
    end),
    receive {started, Pid} -> maps:size(Cases) end.

%% The expected replies of a case, as `run/2` gives them, and its notes.
recorded(Case) -> call({recorded, Case}).

%% The replies of a case in the form of the recording.
replies(Case) -> call({replies, Case}).

%% The replies of a case with further events before a message to the handler of the call.
inserted(Case, Tag, Names) ->
    {Before, [{to, Who, {_, Uuid}} | _] = After} = lists:splitwith(
        fun({to, _, Message}) -> not is_tuple(Message) orelse element(1, Message) =/= Tag; (_) -> true end,
        replies(Case)),
    Events = [{to, Who, {call_event, {event, [Uuid, {"Event-Name", Name}]}}} || Name <- Names],
    Before ++ Events ++ After.

%% What comes when the answer to a lookup is not too late.
answered_in_time(Case, Xml) ->
    [{to, Who, Fetch} = Asked | _] = replies(Case),
    [Asked, {to, Who, {ok, element(6, Fetch)}}, {ok, Xml}].

%% Options: `before` (steps that are no part of the case), `script`, `replies` (expected instead of
%% the recorded ones), `deadline` in milliseconds, `quiet` (false: do not ask at the end).
run(Case, Options) -> call({run, Case, Options}).

call(Request) ->
    Driver = monitor(process, replay_driver),
    replay_driver ! {Driver, self(), Request},
    receive
        {Driver, Reply} -> demonitor(Driver, [flush]), Reply;
        {'DOWN', Driver, _, _, Reason} -> error(Reason)
    end.

loop(#replay{cases = Cases} = Replay) ->
    receive
        {Ref, From, {recorded, Case}} ->
            {_, _, Replies, Notes} = maps:get(Case, Cases),
            From ! {Ref, {expected(Replies), Notes}},
            loop(Replay);
        {Ref, From, {replies, Case}} ->
            From ! {Ref, element(3, maps:get(Case, Cases))},
            loop(Replay);
        {Ref, From, {run, Case, Options}} ->
            {Result, Next} = run_case(maps:get(Case, Cases), Options, Replay),
            From ! {Ref, Result},
            loop(Next)
    end.

run_case({Case, Request, Recorded, _}, Options, Replay) ->
    Replies = maps:get(replies, Options, Recorded),
    {Before, Script} = plan(Case, Request, Replies),
    Prepared = prepare(maps:get(before, Options, []) ++ Before, know_pid(Options, Replay)),
    Expected = expected(Replies),
    Started = erlang:monotonic_time(millisecond),
    Until = Started + maps:get(deadline, Options, 5000),
    [replay_steps:ensure(Who) || {Who, _} <- Expected, Who =/= rpc],
    Due = [{Who, Id} || {Who, {fetch, _, _, _, _, Id, _}} <- Expected],
    Played = play(maps:get(script, Options, Script), Expected, Until, Prepared#replay{due = Due}),
    Waited = await(Expected, Until, Played),
    Took = erlang:monotonic_time(millisecond) - Started,
    #replay{seen = Seen} = Done = settle(Options, Waited),
    Actual = [{Who, normal(Term, Done)} || {Who, Term} <- lists:reverse(Seen)],
    {{Actual, Took}, Done#replay{seen = []}}.

know_pid(#{quiet := false}, Replay) -> Replay;
know_pid(_, #replay{fs_pid = undefined, fs = Fs} = Replay) ->
    {foo, Fs} ! getpid,
    receive
        {seen, _, {ok, Pid}} when is_pid(Pid) -> Replay#replay{fs_pid = Pid};
        {ok, Pid} -> Replay#replay{fs_pid = Pid}
    after 5000 -> error(no_switch)
    end;
know_pid(_, Replay) -> Replay.

%% What the recorded request and the recorded actions between replies say to do.
plan(Case, [Filter, Event], _) when is_tuple(Filter), element(1, Filter) =:= filter ->
    true = lists:prefix("feval_", atom_to_list(Case)),
    {[{filter, 'delete all'}, Filter], [Event]};
plan(Case, Requests, Replies) ->
    {[], requests(Case, Requests) ++ actions(Replies, 0)}.

requests(Case, Requests) when is_list(Requests), Requests =/= [] ->
    Prefixes = ["fetch_", "dialplan_", "two_nodes_", "api_blocks", "unlink_"],
    Name = atom_to_list(Case),
    case lists:any(fun(Prefix) -> lists:prefix(Prefix, Name) end, Prefixes) of
        true -> Requests;
        false -> [{send, Requests}]
    end;
requests(_, Request) -> [Request].

actions([{did, {api_erlang_sessions, _}} | Rest], N) ->
    [{await, N}, api_erlang_sessions | actions(Rest, N + 1)];
actions([{did, Did} | Rest], N) -> [{await, N}, {did, Did} | actions(Rest, N)];
actions([_ | Rest], N) -> actions(Rest, N + 1);
actions([], _) -> [].

expected(Replies) -> lists:flatmap(fun expected_reply/1, Replies).

expected_reply({to, Who, Term}) -> [{Who, Term}];
expected_reply({did, {api_erlang_sessions, _}} = Did) -> [{main, Did}];
expected_reply({did, _}) -> [];
expected_reply(Term) -> [{main, Term}].

%% Steps whose answers nobody looks at.
prepare([], Replay) -> Replay;
prepare(Steps, Replay) ->
    Played = lists:foldl(
        fun
            ({answered, Who, Step}, Acc) ->
                Until = erlang:monotonic_time(millisecond) + 5000,
                await([{Who, any}], Until, perform(Step, Acc#replay{seen = []}));
            (disconnect_node, Acc) -> drain(perform(disconnect_node, Acc));
            (Step, Acc) -> settle(#{}, perform(Step, Acc))
        end, Replay#replay{due = []}, Steps),
    Played#replay{seen = []}.

play([{await, N} | Rest], Expected, Until, Replay) ->
    play(Rest, Expected, Until, await(lists:sublist(Expected, N), Until, Replay));
play([{await, Who, N} | Rest], Expected, Until, Replay) ->
    play(Rest, Expected, Until, await([{Who, any} || _ <- lists:seq(1, N)], Until, Replay));
play([forget | Rest], Expected, Until, Replay) ->
    play(Rest, Expected, Until, Replay#replay{seen = []});
play([Step | Rest], Expected, Until, Replay) ->
    Ready = await_fetch(Step, Until, Replay),
    play(Rest, Expected, Until, perform(Step, Ready));
play([], _, _, Replay) -> Replay.

%% An answer to a fetch needs its id; who is to die while asked is to be asked first.
await_fetch({from, _, {fetch_reply, Id, _}} = Step, Until, #replay{due = Due} = Replay) ->
    case lists:keymember(text(Id), 2, Due) of
        true -> await_fetch_again(Step, Until, Replay);
        false -> Replay
    end;
await_fetch({from, Who, {fetch_reply, Id}}, Until, Replay) ->
    await_fetch({from, Who, {fetch_reply, Id, none}}, Until, Replay);
await_fetch({kill, Who} = Step, Until, #replay{due = Due} = Replay) ->
    case lists:keymember(Who, 1, Due) of
        true -> await_fetch_again(Step, Until, Replay);
        false -> Replay
    end;
await_fetch(_, _, Replay) -> Replay.

await_fetch_again(Step, Until, Replay) ->
    case next(Until, Replay) of
        timeout -> Replay;
        Next -> await_fetch(Step, Until, Next)
    end.

perform(Step, #replay{fs = Fs, fs_pid = FsPid, ref = Ref, ids = Ids, pace = Pace} = Replay) ->
    Context = #{fs => Fs, fs_pid => FsPid, ref => Ref, ids => Ids, pace => Pace},
    Local = replay_steps:perform(Step, Context),
    #replay{seen = Seen} = Replay,
    Replay#replay{seen = [{main, Reply} || Reply <- lists:reverse(Local)] ++ Seen}.

await(Expected, Until, #replay{seen = Seen} = Replay) ->
    case is_enough(counts(Expected), counts(lists:reverse(Seen))) of
        true -> Replay;
        false ->
            case next(Until, Replay) of
                timeout -> Replay;
                Next -> await(Expected, Until, Next)
            end
    end.

%% Events of a call that are older than its attachment do not count: there may be more of them, or
%% fewer, than recorded.
counts(Replies) ->
    {Counts, _} = lists:foldl(
        fun({Who, Message}, {Counts, Older}) ->
            case is_older(Message, lists:member(Who, Older)) of
                true -> {Counts, Older};
                false ->
                    More = maps:update_with(Who, fun(N) -> N + 1 end, 1, Counts),
                    {More, case Message of {call, _} -> [Who | Older]; _ -> Older -- [Who] end}
            end
        end, {#{}, []}, Replies),
    Counts.

is_older({call_event, {event, [_, {_, Name} | _]}}, true) -> text(Name) =/= "CHANNEL_PARK";
is_older(_, _) -> false.

is_enough(Wanted, Counts) ->
    lists:all(fun({Who, N}) -> maps:get(Who, Counts, 0) >= N end, maps:to_list(Wanted)).

next(Until, Replay) ->
    receive
        {seen, Who, Message} -> saw(Who, Message, Replay)
    after max(0, Until - erlang:monotonic_time(millisecond)) -> timeout
    end.

%% Until the switch has nothing to do, and what it sent before it said so is here.
settle(#{quiet := false}, Replay) -> drain(Replay);
settle(_, #replay{fs = Fs} = Replay) ->
    {Pid, Monitor} = spawn_monitor(fun() -> replay_steps:quiet(Fs) end),
    receive {'DOWN', Monitor, process, Pid, _} -> ok end,
    drain(Replay).

%% The named processes hand on what they have got before they do this.
drain(Replay) ->
    replay_steps:flush(),
    drain_seen(Replay).

drain_seen(Replay) ->
    case next(erlang:monotonic_time(millisecond), Replay) of
        timeout -> Replay;
        Next -> drain_seen(Next)
    end.

saw(Who, Message, #replay{seen = Seen, ids = Ids, due = Due} = Replay) ->
    case Message of
        {fetch, _, _, _, _, Id, _} ->
            Known = Replay#replay{seen = [{Who, Message} | Seen]},
            case lists:keytake(Who, 1, Due) of
                {value, {_, Recorded}, Rest} ->
                    Known#replay{ids = Ids#{Recorded => Id, last => Id}, due = Rest};
                false -> Known#replay{ids = Ids#{last => Id}}
            end;
        {get_pid, _, Ref, _} -> Replay#replay{seen = [{Who, Message} | Seen], ref = Ref};
        {newcall_called_with, Ref} -> Replay#replay{seen = [{Who, Message} | Seen], ref = Ref};
        _ ->
            case replay_steps:is_of_quiet(Message) of
                true -> Replay;
                false -> Replay#replay{seen = [{Who, Message} | Seen]}
            end
    end.

text(Id) when is_binary(Id) -> binary_to_list(Id);
text(Id) -> Id.

normal(Term, #replay{fs = Fs, ids = Ids}) ->
    Known = maps:from_list([{text(Actual), Recorded} || {Recorded, Actual} <- maps:to_list(maps:remove(last, Ids))]),
    normal(Term, Fs, Known).

normal(Pid, Fs, _) when is_pid(Pid) ->
    case node(Pid) of
        Fs -> 'FS_PID';
        Node when Node =:= node() -> 'PID';
        _ -> 'PID2'
    end;
normal(Ref, Fs, _) when is_reference(Ref) ->
    case node(Ref) of
        Fs -> 'FS_REF';
        _ -> 'REF'
    end;
normal(Binary, _, Ids) when is_binary(Binary) ->
    case Ids of
        #{} when map_size(Ids) =:= 0 -> Binary;
        _ -> known(Binary, Ids)
    end;
normal(Tuple, Fs, Ids) when is_tuple(Tuple) ->
    list_to_tuple([normal(Element, Fs, Ids) || Element <- tuple_to_list(Tuple)]);
normal(List, Fs, Ids) when is_list(List) ->
    case Ids of
        #{List := Recorded} -> Recorded;
        _ -> [normal(Element, Fs, Ids) || Element <- List]
    end;
normal(Term, _, _) -> Term.

known(Binary, Ids) ->
    case maps:find(binary_to_list(Binary), Ids) of
        {ok, Recorded} -> list_to_binary(Recorded);
        error -> Binary
    end.
