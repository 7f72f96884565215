#!/usr/bin/env escript
%% -*- erlang -*-
%%! -noinput
%% Writes controls.txt: every control tuple of the distribution protocol in every form, one a line.
%%
%%   escript test/golden/controls.escript > test/golden/controls.txt
%%
%%   number    of the operation
%%   public    the number under which JavaScript sees it (native/dist/control_forms.cc)
%%   frame     131 control [131 payload]
%%   fields    what JavaScript sees of the tuple, as one tuple, without version byte
%%   payload   what JavaScript sees as the payload, without version byte; - if there is none
-mode(compile).

main([]) ->
    lists:foreach(fun put_form/1, forms()).

put_form({Control, Fields, Payload, Where, Public}) ->
    Behind = case Where of
                 behind -> term_to_binary(Payload);
                 _ -> <<>>
             end,
    Shown = case Where of
                none -> "-";
                _ -> hex(bare(Payload))
            end,
    io:format("~b ~b ~s ~s ~s~n",
              [element(1, Control), Public,
               hex(<<(term_to_binary(Control))/binary, Behind/binary>>),
               hex(bare(Fields)), Shown]).

forms() ->
    From = pid("a@host", 87, 1, 1697000000),
    To = pid("us@host", 5, 0, 4),
    Leader = pid("a@host", 60, 0, 1697000000),
    Ref = ref("a@host", 1697000000),
    Alias = ref("us@host", 4),
    Name = greeter,
    Token = {1, 2, label, From, 3},
    Message = {hello, 42, [<<"text">>, -1]},
    Reason = {shutdown, [{why, "text"}]},
    MFA = {erpc, execute_call, 4},
    Options = [monitor, {priority, low}],
    Id = 16#FFFFFFFFFFFFFFFF,
    [{{1, From, To}, {From, To}, none, none, 1},
     {{2, '', To}, {To}, Message, behind, 2},
     {{3, From, To, Reason}, {From, To}, Reason, inside, 24},
     {{4, From, To}, {From, To}, none, none, 4},
     {{6, From, '', Name}, {From, Name}, Message, behind, 6},
     {{7, From, To}, {From, To}, none, none, 7},
     {{8, From, To, Reason}, {From, To}, Reason, inside, 26},
     {{12, '', To, Token}, {To}, Message, behind, 2},
     {{13, From, To, Token, Reason}, {From, To}, Reason, inside, 24},
     {{16, From, '', Name, Token}, {From, Name}, Message, behind, 6},
     {{18, From, To, Token, Reason}, {From, To}, Reason, inside, 26},
     {{19, From, To, Ref}, {From, To, Ref}, none, none, 19},
     {{19, From, Name, Ref}, {From, Name, Ref}, none, none, 19},
     {{20, From, To, Ref}, {From, To, Ref}, none, none, 20},
     {{20, From, Name, Ref}, {From, Name, Ref}, none, none, 20},
     {{21, From, To, Alias, Reason}, {From, To, Alias}, Reason, inside, 28},
     {{21, Name, To, Alias, Reason}, {Name, To, Alias}, Reason, inside, 28},
     {{22, From, To}, {From, To}, Message, behind, 22},
     {{23, From, To, Token}, {From, To}, Message, behind, 22},
     {{24, From, To}, {From, To}, Reason, behind, 24},
     {{25, From, To, Token}, {From, To}, Reason, behind, 24},
     {{26, From, To}, {From, To}, Reason, behind, 26},
     {{27, From, To, Token}, {From, To}, Reason, behind, 26},
     {{28, From, To, Alias}, {From, To, Alias}, Reason, behind, 28},
     {{28, Name, To, Alias}, {Name, To, Alias}, Reason, behind, 28},
     {{29, Ref, From, Leader, MFA, Options}, {Ref, From, Leader, MFA, Options}, [Message], behind,
      29},
     {{29, Ref, From, Leader, MFA, []}, {Ref, From, Leader, MFA, []}, [], behind, 29},
     {{30, Ref, From, Leader, MFA, Options, Token}, {Ref, From, Leader, MFA, Options}, [Message],
      behind, 29},
     {{31, Alias, To, 3, From}, {Alias, To, 3, From}, none, none, 31},
     {{31, Alias, To, 0, undef}, {Alias, To, 0, undef}, none, none, 31},
     {{32, Alias, To, 2, From, Token}, {Alias, To, 2, From}, none, none, 31},
     {{33, From, Alias}, {From, Alias}, Message, behind, 33},
     {{34, From, Alias, Token}, {From, Alias}, Message, behind, 33},
     {{35, 1, From, To}, {1, From, To}, none, none, 35},
     {{35, 70000, From, To}, {70000, From, To}, none, none, 35},
     {{35, Id, From, To}, {Id, From, To}, none, none, 35},
     {{36, Id, From, To}, {Id, From, To}, none, none, 36},
     %% Flags: 1 priority, 2 token, 4 alias, 8 name, 16 exit.
     {{37, 1, From, To}, {From, To}, Message, behind, 22},
     {{37, 3, From, To, Token}, {From, To}, Message, behind, 22},
     {{37, 4, From, Alias}, {From, Alias}, Message, behind, 33},
     {{37, 5, From, Alias}, {From, Alias}, Message, behind, 33},
     {{37, 7, From, Alias, Token}, {From, Alias}, Message, behind, 33},
     {{37, 9, From, Name}, {From, Name}, Message, behind, 6},
     {{37, 11, From, Name, Token}, {From, Name}, Message, behind, 6},
     {{37, 17, From, To}, {From, To}, Reason, behind, 26},
     {{37, 19, From, To, Token}, {From, To}, Reason, behind, 26}].

pid(Node, Id, Serial, Creation) ->
    binary_to_term(<<131, 88, (atom(Node))/binary, Id:32, Serial:32, Creation:32>>).

ref(Node, Creation) ->
    binary_to_term(<<131, 90, 3:16, (atom(Node))/binary, Creation:32, 1:32, 2:32, 3:32>>).

atom(Name) ->
    <<119, (length(Name)), (list_to_binary(Name))/binary>>.

bare(Term) ->
    <<131, Bytes/binary>> = term_to_binary(Term),
    Bytes.

hex(Bytes) ->
    [io_lib:format("~2.16.0b", [Byte]) || <<Byte>> <= Bytes].
