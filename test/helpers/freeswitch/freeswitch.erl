%% A client of mod_erlang_event: what the functions of FreeSWITCH's own module `freeswitch` send, and
%% what they return, as users know them. An answer is awaited for 5 seconds (`freeswitch_timeout` of
%% `persistent_term` says otherwise).
-module(freeswitch).
-export([send/2, api/2, api/3, bgapi/3, bgapi/4, event/2, nixevent/2, noevents/1]).
-export([session_event/2, session_nixevent/2, session_noevents/1, close/1, getpid/1]).
-export([sendevent/3, sendevent_custom/3, sendmsg/3, handlecall/2, handlecall/3, fetch_reply/3]).
-export([start_event_handler/4, start_log_handler/4, start_fetch_handler/5]).
-export([get_event_header/2, get_event_name/1, get_event_body/1]).

%% Gives the first message of any kind.
send(Node, Term) ->
    to(send, Node, Term),
    receive Answer -> Answer after timeout() -> timeout end.

api(Node, Command) -> api(Node, Command, "").

api(Node, Command, Arguments) ->
    to(api, Node, {api, Command, Arguments}),
    receive
        {ok, Text} -> {ok, Text};
        {error, Text} -> {error, Text}
    after timeout() -> timeout
    end.

%% The outcome comes to the caller as `{bgok | bgerror, Job, Text}`.
bgapi(Node, Command, Arguments) ->
    Caller = self(),
    job(Node, Command, Arguments, {ok, job}, fun(Outcome, Job, Text) -> Caller ! {Outcome, Job, Text} end).

%% The outcome is given to `Fun(ok | error, Text)`.
bgapi(Node, Command, Arguments, Fun) ->
    job(Node, Command, Arguments, ok, fun
        (bgok, _, Text) -> Fun(ok, Text);
        (bgerror, _, Text) -> Fun(error, Text)
    end).

job(Node, Command, Arguments, Return, Done) ->
    Caller = self(),
    Ref = make_ref(),
    spawn(fun() ->
        to(bgapi, Node, {bgapi, Command, Arguments}),
        receive
            {ok, Job} ->
                Caller ! {Ref, case Return of {ok, job} -> {ok, Job}; ok -> ok end},
                receive
                    {bgok, Job, Text} -> Done(bgok, Job, Text);
                    {bgerror, Job, Text} -> Done(bgerror, Job, Text)
                end;
            {error, Reason} -> Caller ! {Ref, {error, Reason}}
        after timeout() -> Caller ! {Ref, timeout}
        end
    end),
    receive {Ref, Answer} -> Answer end.

event(Node, Names) -> named(Node, event, Names).
nixevent(Node, Names) -> named(Node, nixevent, Names).
noevents(Node) -> asked(Node, noevents).
session_event(Node, Names) -> named(Node, session_event, Names).
session_nixevent(Node, Names) -> named(Node, session_nixevent, Names).
session_noevents(Node) -> asked(Node, session_noevents).

named(Node, Tag, Names) when is_list(Names) -> asked(Node, list_to_tuple([Tag | Names]));
named(Node, Tag, Name) -> asked(Node, {Tag, Name}).

close(Node) ->
    to(close, Node, exit),
    answer().

getpid(Node) ->
    to(getpid, Node, getpid),
    receive
        {ok, Pid} when is_pid(Pid) -> {ok, Pid}
    after timeout() -> timeout
    end.

sendevent(Node, Name, Headers) -> asked(Node, {sendevent, Name, Headers}).
sendevent_custom(Node, Subclass, Headers) -> asked(Node, {sendevent, 'CUSTOM', Subclass, Headers}).
sendmsg(Node, Uuid, Headers) -> asked(Node, {sendmsg, Uuid, Headers}).
handlecall(Node, Uuid) -> asked(Node, {handlecall, Uuid}).
handlecall(Node, Uuid, Name) -> asked(Node, {handlecall, Uuid, Name}).

%% Errors of two elements are not awaited.
fetch_reply(Node, Id, Xml) ->
    to(send, Node, {fetch_reply, Id, Xml}),
    receive
        {ok, Id} -> ok;
        {error, Id, Reason} -> {error, Reason}
    after timeout() -> timeout
    end.

%% A process that registers and then runs `Module:Function(Node, State)`.
start_event_handler(Node, Module, Function, State) ->
    started(Node, register_event_handler, {Module, Function, State}).

start_log_handler(Node, Module, Function, State) ->
    started(Node, register_log_handler, {Module, Function, State}).

start_fetch_handler(Node, Section, Module, Function, State) ->
    started(Node, {bind, Section}, {Module, Function, State}).

started(Node, Request, {Module, Function, State}) ->
    Caller = self(),
    Ref = make_ref(),
    Pid = spawn(fun() ->
        monitor_node(Node, true),
        to(foo, Node, Request),
        Answer = answer(),
        Caller ! {Ref, Answer},
        Answer =:= ok andalso Module:Function(Node, State)
    end),
    receive
        {Ref, ok} -> {ok, Pid};
        {Ref, Other} -> Other
    end.

get_event_header({event, [_ | Pairs]}, Name) -> get_event_header(Pairs, Name);
get_event_header(Pairs, Name) when is_list(Pairs) ->
    case lists:keyfind(Name, 1, Pairs) of
        {_, Value} -> Value;
        false -> {error, notfound}
    end.

get_event_name(Event) -> get_event_header(Event, "Event-Name").
get_event_body(Event) -> get_event_header(Event, "body").

asked(Node, Request) ->
    to(send, Node, Request),
    answer().

answer() ->
    receive
        ok -> ok;
        {error, Reason} -> {error, Reason}
    after timeout() -> timeout
    end.

to(Name, Node, Term) -> {Name, Node} ! Term.

timeout() -> persistent_term:get(freeswitch_timeout, 5000).
