%% Sends what the module `erlang` of sip-router sends, and takes what that takes: answers that come to
%% the pid of a call, `{rex, Reply}` or `{Ref, Reply}` with a plain reference, within five seconds.
%% A value is printed, as the script would get it.
-module(sip_router_module).
-export([info/3, cast/3, call/3, call_route/3, rex/4]).



info(Node, Proc, Term) ->
    {Proc, Node} ! {self(), Term},
    1.

cast(Node, Proc, Term) ->
    {Proc, Node} ! {'$gen_cast', Term},
    1.

call(Node, Proc, Term) ->
    case ask(Node, Proc, Term) of
        {ok, Reply} -> {1, print(Reply)};
        Failure -> Failure
    end.

%% The script goes on in the route that the reply names.
call_route(Node, Proc, Term) ->
    case ask(Node, Proc, Term) of
        {ok, {Route, Value}} when is_atom(Route) -> {0, Route, print(Value)};
        {ok, Other} -> {-1, print(Other)};
        Failure -> Failure
    end.

rex(Node, Mod, Fun, Args) ->
    {rex, Node} ! {self(), {call, Mod, Fun, Args, user}},
    receive
        {rex, Reply} -> {1, print(Reply)}
    after 5000 -> -5
    end.

ask(Node, Proc, Term) ->
    Ref = make_ref(),
    {Proc, Node} ! {'$gen_call', {self(), Ref}, Term},
    receive
        {Ref, Reply} -> {ok, Reply}
    after 5000 -> -5
    end.

%% As `ei` prints: binaries as numbers.
print(Term) ->
    lists:flatten(io_lib:format("~0tp", [hide(Term)])).

hide(Bin) when is_binary(Bin) -> {'#Bin', binary_to_list(Bin)};
hide(Tuple) when is_tuple(Tuple) -> list_to_tuple(hide(tuple_to_list(Tuple)));
hide(List) when is_list(List) -> [hide(Element) || Element <- List];
hide(Term) -> Term.
