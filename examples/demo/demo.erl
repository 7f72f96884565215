%% The Erlang side of the demo: what it does to the Node side, on request.
-module(demo).
-export([start/0, send_hello/1, call_myfunction/2]).

%% Says when the node is up, and ends with the program that started it: its input closes then.
start() ->
    spawn(fun() ->
        io:put_chars("ready\n"),
        eof = io:get_line(""),
        halt()
    end).

send_hello(Node) ->
    {myprocess, Node} ! "Hello".

call_myfunction(Node, Arguments) ->
    rpc:call(Node, useless, myfunction, Arguments).
