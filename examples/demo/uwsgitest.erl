-module(uwsgitest).
-export([hello/0]).

hello() ->
    'hello world !'.
