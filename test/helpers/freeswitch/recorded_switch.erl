%% Plays the server's side of recorded exchanges to a client. The client's messages come as
%% {Sender, Message}, since Erlang does not tell who has sent one.
%%
%% An exchange becomes a script of {expect, Who, Term} and {send, Who, Term}. What is not expected, and
%% is one of the messages that prepare or end something, is answered as the switch does; anything else
%% is a fault.
-module(recorded_switch).
-export([start/4, cases/1, play/2, done/1, faults/1]).

start(Name, File, Encoding, Client) ->
  {ok, Exchanges} = file:consult(File),
  Caller = self(),
  spawn(fun() ->
    process_flag(trap_exit, true),
    register(Name, self()),
    Caller ! {Name, ready},
    loop(#{exchanges => maps:from_list([{element(1, E), E} || E <- Exchanges]), encoding => Encoding,
           client => Client, roles => #{}, script => [], faults => [], ref => make_ref(),
           name => Name, waiting => []})
  end),
  receive {Name, ready} -> ok end.

cases(File) ->
  {ok, Exchanges} = file:consult(File),
  [{Case, Request, Replies} || {Case, Request, Replies, _} <- Exchanges].

%% Roles are names of processes in the recording, and who has them here.
play(Name, {Case, Roles}) ->
  Name ! {play, self(), Case, Roles},
  receive {playing, Case} -> ok end.

%% Waits until all that was recorded has been said on both sides.
done(Name) ->
  Name ! {done, self()},
  receive {done, Name} -> ok end.

%% What went wrong since it was asked last, and what has not come yet.
faults(Name) ->
  Name ! {faults, self()},
  receive {faults, Faults} -> Faults end.

loop(State) ->
  receive
    {play, From, Case, Roles} ->
      From ! {playing, Case},
      {Case, Request, Replies, _} = maps:get(Case, maps:get(exchanges, State)),
      Known = maps:merge(maps:get(roles, State), maps:from_list(Roles)),
      loop(run(State#{script := script(Request, Replies), roles := Known, ref := make_ref()}));
    {done, From} ->
      loop(run(State#{waiting := [From | maps:get(waiting, State)]}));
    {faults, From} ->
      Rest = [{missing, Term} || {expect, _, Term} <- maps:get(script, State)],
      From ! {faults, lists:reverse(maps:get(faults, State), Rest)},
      loop(State#{faults := [], script := []});
    {'EXIT', _, _} ->
      loop(State);
    {rex, {Ref, Pid}} when is_pid(Pid) ->
      loop(run(expected(Pid, {Ref, Pid}, State)));
    {Pid, Message} when is_pid(Pid) ->
      loop(run(expected(Pid, Message, State)))
  end.

%% The requests in order; all replies come in their order, those up to a fetch before its answer.
script(Requests, Replies) when is_list(Requests) ->
  [First | Others] = [expectation(R) || R <- Requests],
  [First | after_fetch(Replies, Others)];
script(Request, Replies) ->
  [expectation(Request) | [reply(R) || R <- Replies]].

after_fetch([{to, _, Fetch} = Reply | Replies], [Next | Others]) when element(1, Fetch) =:= fetch ->
  [reply(Reply), Next | after_fetch(Replies, Others)];
after_fetch([Reply | Replies], Others) -> [reply(Reply) | after_fetch(Replies, Others)];
after_fetch([], Others) -> Others.

expectation({from, Who, Term}) -> {expect, Who, Term};
expectation(Term) -> {expect, main, Term}.

reply({did, {from, Who, {to_name, _}, Term}}) -> {expect, Who, Term};
reply({did, _}) -> skip;
reply({to, rpc, {newcall_called_with, Ref}}) -> {call, Ref};
reply({to, Who, Term}) -> {send, Who, Term};
reply(Term) -> {send, main, Term}.

run(#{script := [skip | Script]} = State) -> run(State#{script := Script});
run(#{script := [{send, Who, Term} | Script], roles := Roles} = State) ->
  case Roles of
    #{Who := Pid} -> Pid ! text(bound(Term, Pid, State), maps:get(encoding, State));
    #{} -> nobody
  end,
  run(State#{script := Script});
run(#{script := [{call, Ref} | Script], client := Client} = State) ->
  {rex, Client} ! {self(), {call, fsdrv, newcall, [bound(Ref, self(), State)], user}},
  run(State#{script := [{expect, handler, {'FS_REF', 'PID'}} | Script]});
run(#{script := [], waiting := Waiting, name := Name} = State) ->
  [From ! {done, Name} || From <- Waiting],
  State#{waiting := []};
run(State) -> State.

expected(Pid, Message, #{script := [{expect, Who, Term} | Script]} = State) ->
  case is_same(bound(Term, answerer(Message, Pid), State), Message) of
    true ->
      link_handler(Message, Pid),
      Holder = answerer(Message, Pid),
      State#{script := Script, roles := roles(Message, Pid, (maps:get(roles, State))#{Who => Holder})};
    false -> prepared(Pid, Message, State)
  end;
expected(Pid, Message, State) -> prepared(Pid, Message, State).

%% Who answers for a call is in the message; it need not be its sender.
answerer({Ref, Pid}, _) when is_reference(Ref), is_pid(Pid) -> Pid;
answerer(_, Pid) -> Pid.

prepared(Pid, Message, #{roles := Roles} = State) ->
  case is_preparation(Message) of
    true ->
      link_handler(Message, Pid),
      Pid ! ok,
      State#{roles := roles(Message, Pid, Roles)};
    false ->
      Pid ! {error, not_recorded},
      State#{faults := [{unexpected, Message} | maps:get(faults, State)]}
  end.

is_preparation(register_event_handler) -> true;
is_preparation(register_log_handler) -> true;
is_preparation(noevents) -> true;
is_preparation(nolog) -> true;
is_preparation(Message) when is_tuple(Message) ->
  lists:member(element(1, Message), [event, setevent, set_log_level, bind]);
is_preparation(_) -> false.

roles(register_event_handler, Pid, Roles) -> Roles#{evh => Pid};
roles(register_log_handler, Pid, Roles) -> Roles#{logh => Pid};
roles({bind, _}, Pid, Roles) -> Roles#{b1 => Pid, b2 => Pid, ft => Pid};
roles({Ref, Pid}, _, Roles) when is_reference(Ref) -> Roles#{handler => Pid, worker => Pid};
roles(_, _, Roles) -> Roles.

link_handler(Message, Pid) when Message =:= register_event_handler; Message =:= register_log_handler ->
  link(Pid);
link_handler({Ref, Pid}, _) when is_reference(Ref) -> link(Pid);
link_handler({Tag, _}, Pid) when Tag =:= bind; Tag =:= handlecall -> link(Pid);
link_handler(_, _) -> ok.

%% A document may come as either type of text, and the id as it was sent.
is_same({fetch_reply, Id, Xml}, {fetch_reply, GotId, GotXml}) ->
  iolist_to_binary(Id) =:= iolist_to_binary(GotId) andalso
    iolist_to_binary(Xml) =:= iolist_to_binary(GotXml);
is_same(Term, Message) -> Term =:= Message.

bound('PID', Pid, _) -> Pid;
bound('FS_PID', _, _) -> self();
bound('FS_REF', _, #{ref := Ref}) -> Ref;
bound(Tuple, Pid, State) when is_tuple(Tuple) ->
  list_to_tuple([bound(E, Pid, State) || E <- tuple_to_list(Tuple)]);
bound([Head | Tail], Pid, State) -> [bound(Head, Pid, State) | bound(Tail, Pid, State)];
bound(Term, _, _) -> Term.

%% What the switch sends with encoding=binary. Lines of the log are strings in either case.
text(Term, string) -> Term;
text({Tag, Event}, binary) when Tag =:= call; Tag =:= call_event -> {Tag, text(Event, binary)};
text({event, List}, binary) -> {event, pairs(List)};
text({fetch, Section, Tag, Key, Value, Id, Params}, binary) ->
  {fetch, Section, bin(Tag), bin(Key), bin(Value), bin(Id), pairs(Params)};
text({get_pid, Id, Ref, Pid}, binary) -> {get_pid, bin(Id), Ref, Pid};
text({filter_command_processing_log, Items}, binary) ->
  {filter_command_processing_log, [case I of {A, B, C} -> {bin(A), bin(B), bin(C)}; _ -> I end || I <- Items]};
text({log, Fields}, binary) -> {log, Fields};
text(Tuple, binary) when is_tuple(Tuple) -> list_to_tuple([bin(E) || E <- tuple_to_list(Tuple)]);
text(Term, binary) -> Term.

pairs([]) -> [];
pairs([Id | Pairs]) -> [bin(Id) | [{bin(Name), bin(Value)} || {Name, Value} <- Pairs]].

bin(Text) when is_list(Text) -> list_to_binary(Text);
bin(Term) -> Term.
