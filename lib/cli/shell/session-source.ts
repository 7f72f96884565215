/**
 * The program of a shell's session, which runs at the peer: Erlang text, evaluated there, so that nothing
 * need be installed. As in Erlang's own shell one process keeps the variables and another evaluates; the
 * second dies of what it raises, and is followed by one with the same variables and the same process
 * dictionary. Both end with Parent, the process at our side.
 *
 *   in:   {Parent, eval, N, Forms}       evaluates abstract forms
 *         {Parent, interrupt, N}         kills what evaluates, if that is still number N
 *         {Parent, bindings, N}
 *         {Parent, forget, N, Name}      one variable
 *         {Parent, forget, N}            all of them
 *         {Parent, stop}
 *   out:  {started, Session}
 *         {answer, N, {value, Value}}
 *         {answer, N, {raised, Class, Reason, Stack}}
 *         {answer, N, {ended, Reason}}   the evaluating process was ended from outside meanwhile
 *         {answer, N, {bindings, [{Name, Value}]}}
 *         {answer, N, forgotten}
 *         {ended, Reason}                the same while nothing was evaluated
 *
 * `q()` is no function of its expressions: it would stop the peer.
 *
 * Source: OTP 25, stdlib/src/shell.erl, server_loop/6 and eval_loop/3.
 */
export const sessionSource = `
  Gone = erlang:monitor(process, Parent),
  erlang:process_flag(trap_exit, true),
  Session = self(),
  Local = {value, fun
    (q, []) -> erlang:error(undef, []);
    (Name, Arguments) -> erlang:apply(shell_default, Name, Arguments)
  end},
  Evaluate = fun Next() ->
    receive
      {Session, eval, Forms, Before} ->
        Outcome = try erl_eval:exprs(Forms, Before, Local)
        catch Class:Reason:Stack -> {raised, Class, Reason, Stack}
        end,
        case Outcome of
          {value, Value, After} ->
            Session ! {self(), value, Value, After, erlang:get()},
            Next();
          {raised, How, Why, Where} ->
            Session ! {self(), Outcome},
            ExitReason = case How of
              exit -> Why;
              error -> {Why, Where};
              throw -> {{nocatch, Why}, Where}
            end,
            {links, Linked} = erlang:process_info(self(), links),
            [erlang:exit(Other, ExitReason) || Other <- Linked, Other =/= Session],
            erlang:exit(raised)
        end;
      {'EXIT', Session, _} -> ok
    end
  end,
  Spawn = fun (Dictionary) ->
    erlang:spawn_link(fun () ->
      [erlang:put(Key, Kept) || {Key, Kept} <- Dictionary],
      Evaluate()
    end)
  end,
  Kill = fun (Evaluator) ->
    erlang:exit(Evaluator, kill),
    receive {'EXIT', Evaluator, _} -> ok end
  end,
  None = erl_eval:new_bindings(),
  Loop = fun Next(Evaluator, Bindings, Dictionary, Busy) ->
    receive
      {Parent, eval, N, Forms} ->
        Evaluator ! {Session, eval, Forms, Bindings},
        Next(Evaluator, Bindings, Dictionary, N);
      {Evaluator, value, Value, After, Kept} ->
        Parent ! {answer, Busy, {value, Value}},
        Next(Evaluator, After, Kept, none);
      {Evaluator, Raised} ->
        receive {'EXIT', Evaluator, _} -> ok end,
        Parent ! {answer, Busy, Raised},
        Next(Spawn(Dictionary), Bindings, Dictionary, none);
      {'EXIT', Evaluator, Reason} ->
        Parent ! case Busy of
          none -> {ended, Reason};
          _ -> {answer, Busy, {ended, Reason}}
        end,
        Next(Spawn(Dictionary), Bindings, Dictionary, none);
      {Parent, interrupt, Busy} ->
        Kill(Evaluator),
        Next(Spawn(Dictionary), Bindings, Dictionary, none);
      {Parent, bindings, N} ->
        Parent ! {answer, N, {bindings, erl_eval:bindings(Bindings)}},
        Next(Evaluator, Bindings, Dictionary, Busy);
      {Parent, forget, N} ->
        Parent ! {answer, N, forgotten},
        Next(Evaluator, None, Dictionary, Busy);
      {Parent, forget, N, Name} ->
        Parent ! {answer, N, forgotten},
        Next(Evaluator, erl_eval:del_binding(Name, Bindings), Dictionary, Busy);
      {Parent, stop} -> Kill(Evaluator);
      {'DOWN', Gone, _, _, _} -> Kill(Evaluator);
      _ -> Next(Evaluator, Bindings, Dictionary, Busy)
    end
  end,
  Parent ! {started, Session},
  Loop(Spawn([]), None, [], none).`
