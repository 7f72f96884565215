%% Asks the sides of a walk (`walk_side`), by node.
-module(walk_sides).
-export([ask/2, asked/2, answered/1, settled/1, reconnected/2]).

ask(Node, Request) ->
    answered(asked(Node, Request)).

%% The answer is taken by `answered/1`.
asked(Node, Request) ->
    Ref = make_ref(),
    {walk, Node} ! {ask, self(), Ref, Request},
    {Ref, Node, Request}.

answered({Ref, Node, Request}) ->
    receive {Ref, Answer} -> Answer after 15000 -> error({no_answer, Node, Request}) end.

%% Who has ended in this step and what has arrived, once nothing happens any more. The nodes are
%% asked in turn, each after the others have sent what they had to send, until three answers in a
%% row are the same.
settled(Nodes) ->
    settled(Nodes, none, 0).

settled(_, Answers, 2) ->
    {Ended, Logs} = lists:unzip(Answers),
    {lists:append(Ended), lists:append(Logs)};
settled(Nodes, Before, Same) ->
    case [ask(Node, settle) || Node <- Nodes] of
        Before -> settled(Nodes, Before, Same + 1);
        Now -> settled(Nodes, Now, 0)
    end.

%% Has a node disconnect from another, and connects them again. One of them is this node.
reconnected(By, From) ->
    [Peer] = [By, From] -- [node()],
    monitor_node(Peer, true),
    {walk, By} ! {disconnect, From},
    receive {nodedown, Peer} -> ok after 15000 -> error(still_connected) end,
    true = net_kernel:connect_node(Peer).
