%% What the switch calls by rpc, as a dialplan's `fsdrv:newcall` names it.
-module(fsdrv).
-export([newcall/1]).

newcall(Ref) ->
    Handler = replay_steps:ensure(handler),
    replay_driver ! {seen, rpc, {newcall_called_with, Ref}},
    {Ref, Handler}.
