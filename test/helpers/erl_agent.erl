%% Runs inside the Erlang node of a test. It evaluates what comes down the port, each request in a
%% process of its own or in a lasting session, and sends back the value. What is sent to the
%% registered name `observer` goes up to the test.
%%
%%   down:  <<Id:32, Session:32, Form:8, Text/binary>>   Session 0: a fresh process
%%   up:    <<Id:32, Failed:8, Value/binary>>            Id 0: a message to `observer`
-module(erl_agent).
-export([run/2]).

-record(agent, {port, load, sessions = #{}, running = #{}}).

%% `Load` compiles and loads the text of a module and gives its name.
run(Port, Load) ->
    register(observer, self()),
    answer(Port, 0, 0, <<"ready">>),
    loop(#agent{port = Port, load = Load}).

loop(#agent{port = Port} = Agent) ->
    receive
        {Port, {data, <<Id:32, Session:32, Form:8, Text/binary>>}} ->
            loop(request(Id, Session, Form, Text, Agent));
        {Port, eof} ->
            erlang:halt(0, [{flush, false}]);
        {'DOWN', _, process, Pid, Reason} when is_map_key(Pid, Agent#agent.running) ->
            loop(ended(Pid, Reason, Agent));
        Message ->
            answer(Port, 0, 0, print(Message)),
            loop(Agent)
    end.

request(Id, Session, Form, Text, Agent) ->
    {Pid, Next} = worker(Session, Agent),
    Pid ! {erl_agent, Id, Form, Text},
    Next#agent{running = maps:put(Pid, Id, Next#agent.running)}.

worker(0, Agent) ->
    {spawn_worker(once, Agent), Agent};
worker(Session, #agent{sessions = Sessions} = Agent) ->
    case Sessions of
        #{Session := Pid} ->
            {Pid, Agent};
        #{} ->
            Pid = spawn_worker(for_ever, Agent),
            {Pid, Agent#agent{sessions = Sessions#{Session => Pid}}}
    end.

spawn_worker(Life, #agent{port = Port, load = Load}) ->
    {Pid, _} = spawn_monitor(fun() -> work(Life, Port, Load, erl_eval:new_bindings()) end),
    Pid.

%% Whoever died from outside did not answer; an answer that was already given is not given twice,
%% since the test forgets an id once it is answered.
ended(Pid, Reason, #agent{port = Port, running = Running, sessions = Sessions} = Agent) ->
    {Id, Left} = maps:take(Pid, Running),
    Reason =:= normal orelse answer(Port, Id, 1, print({killed, Reason})),
    Agent#agent{running = Left, sessions = maps:filter(fun(_, P) -> P =/= Pid end, Sessions)}.

work(Life, Port, Load, Bindings) ->
    receive
        {erl_agent, Id, Form, Text} ->
            Next = try evaluate(Form, Text, Load, Bindings) of
                {Value, New} -> answer(Port, Id, 0, Value), New
            catch
                Class:Reason:Stack ->
                    answer(Port, Id, 1, print({Class, Reason, Stack})),
                    Bindings
            end,
            Life =:= once orelse work(Life, Port, Load, Next)
    end.

evaluate(0, Text, _, Bindings) ->
    {value, Value, New} = value(Text, Bindings),
    {print(Value), New};
evaluate(1, Text, _, Bindings) ->
    {value, Value, New} = value(Text, Bindings),
    {term_to_binary(Value), New};
evaluate(2, Text, Load, Bindings) ->
    {print(Load(Text)), Bindings}.

value(Text, Bindings) ->
    {ok, Tokens, _} = erl_scan:string(unicode:characters_to_list([Text, $.])),
    {ok, Expressions} = erl_parse:parse_exprs(Tokens),
    erl_eval:exprs(Expressions, Bindings).

print(Term) ->
    unicode:characters_to_binary(io_lib:format("~0tp", [Term])).

answer(Port, Id, Failed, Value) ->
    port_command(Port, [<<Id:32, Failed:8>>, Value]).
