/** An Erlang module that makes the messages about calls short. */
export const callTools = `
  -module(calls).
  -export([brief/1, data/1, take/1]).

  %% So many messages, and whatever comes beyond them.
  take(0) -> fs:drain(50);
  take(Count) -> case fs:next(10000) of timeout -> [timeout]; Any -> [Any | take(Count - 1)] end.

  %% The name of an event, or the message.
  brief({call_event, {event, [_ | Pairs]}}) -> proplists:get_value("Event-Name", Pairs);
  brief({call, {event, [_ | Pairs]}}) -> {call, proplists:get_value("Event-Name", Pairs)};
  brief(Message) -> Message.

  %% What comes before and after the headers that every event has.
  data({call, {event, [Id, {First, Name} | Pairs]}}) ->
    Get = fun(Key) -> proplists:get_value(Key, Pairs) end,
    Calling = [Get("Event-Calling-" ++ What) || What <- ["File", "Function", "Line-Number"]],
    [_ | Own] = lists:dropwhile(fun({Key, _}) -> Key =/= "Event-Sequence" end, Pairs),
    {Id, [First, Name | Calling], Own}.`
