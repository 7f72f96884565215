%% The handler that the recorded client started: it hands on what it gets, and answers lookups.
-module(fserl).
-export([handler/2]).

handler(Node, State) ->
    receive
        {fetch, _, _, _, _, Id, _} = Fetch ->
            drv_main ! {handler, State, Fetch},
            Answer = "<document type=\"freeswitch/xml\"><section name=\"result\">"
                "<result status=\"not found\"/></section></document>",
            drv_main ! {fetch_reply_returned, freeswitch:fetch_reply(Node, Id, Answer)};
        {nodedown, Node} -> ok;
        Message -> drv_main ! {handler, State, Message}
    end,
    handler(Node, State).
