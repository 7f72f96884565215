/**
 * The program of a tracer, which runs at the peer: Erlang text, evaluated there, so that nothing need be
 * installed. It ends, and takes its traces back, when enough was seen, when the time is over, when it
 * does not keep up, or when the process that wanted it is gone. When it is killed, Erlang itself stops
 * tracing.
 *
 *   in:   Parent, Tag, Module, Function, Arity ('_' is any), Match (a match specification), Most (calls,
 *         returns and exceptions together), ForMs, MostQueued, MostWords
 *   out:  {Tag, started, Functions, Processes}
 *         {Tag, call, Pid, Time, Module, Function, Args}
 *         {Tag, return, Pid, Time, {Module, Function, Arity}, Value}
 *         {Tag, exception, Pid, Time, {Module, Function, Arity}, {Class, Reason}}
 *         {Tag, done, limit | expired | overload | stopped | no_function}
 *   Time is {MegaSeconds, Seconds, MicroSeconds} since 1970. Terms of more than MostWords words are
 *   replaced by '...'.
 */
export const tracerSource = `
  Gone = erlang:monitor(process, Parent),
  _ = (catch code:ensure_loaded(Module)),
  Pattern = {Module, Function, Arity},
  Brief = fun (Term) ->
    case erts_debug:flat_size(Term) > MostWords of true -> '...'; false -> Term end
  end,
  Follow = fun
    Next(0) -> limit;
    Next(Left) ->
      case erlang:process_info(self(), message_queue_len) of
        {_, Queued} when Queued > MostQueued -> overload;
        _ ->
          receive
            {trace_ts, Pid, call, {M, F, As}, Time} ->
              Parent ! {Tag, call, Pid, Time, M, F, [Brief(A) || A <- As]},
              Next(Left - 1);
            {trace_ts, Pid, return_from, MFA, Value, Time} ->
              Parent ! {Tag, return, Pid, Time, MFA, Brief(Value)},
              Next(Left - 1);
            {trace_ts, Pid, exception_from, MFA, {Class, Reason}, Time} ->
              Parent ! {Tag, exception, Pid, Time, MFA, {Class, Brief(Reason)}},
              Next(Left - 1);
            {Tag, expired} -> expired;
            {Tag, stop} -> stopped;
            {'DOWN', Gone, _, _, _} -> stopped
          end
      end
  end,
  Why = case erlang:trace_pattern(Pattern, Match, [local]) of
    0 -> no_function;
    Functions ->
      Processes = erlang:trace(all, true, [call, timestamp]),
      _ = erlang:send_after(ForMs, self(), {Tag, expired}),
      Parent ! {Tag, started, Functions, Processes},
      Ended = Follow(Most),
      _ = (catch erlang:trace_pattern(Pattern, false, [local])),
      Ended
  end,
  Parent ! {Tag, done, Why}.`
