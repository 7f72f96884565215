%% Starts processes of a beamlink node, which is JavaScript, for supervisors. Compile it into the
%% Erlang side: `erlc beamlink.erl`.
%%
%%   #{id => worker, start => {beamlink, start_link, ['web@host', workers, start, [Args]]}}
-module(beamlink).
-export([start_link/4, start_link/5]).

%% Runs the exposed function `Module:Function(Args)` at `Node` as a process that is linked to the
%% caller, and waits until it is up, as proc_lib:start_link/3. The function is the process, and says
%% that it is up with `callContext().initAck()`; or it returns the process that it has started.
-spec start_link(node(), module(), atom(), [term()]) -> {ok, pid()} | ignore | {error, term()}.
start_link(Node, Module, Function, Args) ->
    start_link(Node, Module, Function, Args, infinity).

-spec start_link(node(), module(), atom(), [term()], timeout()) ->
          {ok, pid()} | ignore | {error, term()}.
start_link(Node, Module, Function, Args, Timeout)
  when is_atom(Node), is_atom(Module), is_atom(Function), is_list(Args) ->
    %% The node knows init/4 by its name; no Erlang code has that name.
    Starter = spawn_link(Node, ?MODULE, init, [self(), Module, Function, Args]),
    receive
        {ack, Starter, {ok, Starter}} ->
            {ok, Starter};
        {ack, Starter, Result} ->
            forget(Starter),
            Result;
        {'EXIT', Starter, Reason} ->
            {error, Reason}
    after Timeout ->
            exit(Starter, kill),
            forget(Starter),
            {error, timeout}
    end.

%% The starter is over, or will be: nobody is to hear of that. An answer that came too late tells of
%% a process that nobody knows, and that must not stay.
forget(Starter) ->
    unlink(Starter),
    receive {'EXIT', Starter, _} -> ok after 0 -> ok end,
    receive
        {ack, Starter, {ok, Pid}} -> unlink(Pid), exit(Pid, kill), ok
    after 0 -> ok
    end.
