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
    Starter = spawn_link(Node, beamlink, init, [self(), Module, Function, Args]),
    receive
        {ack, Starter, {ok, Starter}} ->
            {ok, Starter};
        {ack, Starter, Result} ->
            unlink_flush(Starter),
            Result;
        {'EXIT', Starter, Reason} ->
            {error, Reason}
    after Timeout ->
            kill(Starter),
            {error, timeout}
    end.

%% An answer that comes too late must not stay, nor the process that it tells of. It cannot come
%% behind the DOWN.
kill(Starter) ->
    Monitor = monitor(process, Starter),
    unlink_flush(Starter),
    exit(Starter, kill),
    receive {'DOWN', Monitor, process, Starter, _} -> ok end,
    receive
        {ack, Starter, {ok, Pid}} -> unlink_flush(Pid), exit(Pid, kill);
        {ack, Starter, _} -> true
    after 0 -> true
    end.

unlink_flush(Pid) ->
    unlink(Pid),
    receive {'EXIT', Pid, _} -> true after 0 -> true end.
