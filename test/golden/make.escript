#!/usr/bin/env escript
%% -*- erlang -*-
%%! -noinput
%% Writes terms.jsonl: one term a line, its bytes made or confirmed by the Erlang that runs this.
%%
%%   escript test/golden/make.escript > test/golden/terms.jsonl
%%
%%   name       what is special about it
%%   hex        the term in ETF, version byte first
%%   canonical  what term_to_binary with {minor_version, 2} makes of the same term
%%   p, line, w io_lib:format with "~p", "~0p" and "~w"
%%
%% Very long terms are given by a rule in place of `hex`, without the other fields:
%%   rule       {"head", "prefix", "times", "middle", "suffix"}: the bytes are
%%              83 head prefix^times middle suffix^times
%%
%% Compressed terms vary with zlib, and funs with the compiler: the file is committed, not rebuilt.
-mode(compile).

main([]) ->
    ok = io:setopts([{encoding, latin1}]),
    lists:foreach(fun put_bytes/1, made() ++ by_hand()),
    lists:foreach(fun put_rule/1, by_rule()).

put_bytes({Name, Bytes}) ->
    Term = binary_to_term(Bytes),
    put_line([{"name", Name},
              {"hex", hex(Bytes)},
              {"canonical", hex(written(Term))},
              {"p", io_lib:format("~p", [Term])},
              {"line", io_lib:format("~0p", [Term])},
              {"w", io_lib:format("~w", [Term])}]).

put_rule({Name, Head, Prefix, Times, Middle, Suffix}) ->
    Bytes = iolist_to_binary([131, Head, lists:duplicate(Times, Prefix), Middle,
                              lists:duplicate(Times, Suffix)]),
    _ = binary_to_term(Bytes),
    Rule = [{"head", hex(Head)}, {"prefix", hex(Prefix)}, {"times", Times},
            {"middle", hex(Middle)}, {"suffix", hex(Suffix)}],
    put_line([{"name", Name}, {"rule", {Rule}}]).

%% ---- what term_to_binary makes ----

made() ->
    [{Name, written(Term)} || {Name, Term} <-
        integers() ++ floats() ++ atoms() ++ lists_() ++ binaries() ++ tuples() ++ maps() ++
        identifiers() ++ funs() ++ exports() ++ mixed()] ++
    [{"float old form " ++ io_lib:format("~w", [F]), term_to_binary(F, [{minor_version, 0}])}
     || {_, F} <- floats(), F =/= -0.0] ++
    [{"atom " ++ Name ++ " with minor_version 1", term_to_binary(A, [{minor_version, 1}])}
     || {Name, A} <- [{"ascii", ok}, {"latin1", 'caf\x{e9}'}]] ++
    [{Name ++ " with minor_version 1", term_to_binary(Term, [{minor_version, 1}])}
     || {Name, Term} <- identifiers() ++ exports() ++ mixed()] ++
    [{"compressed list", term_to_binary(lists:duplicate(500, {a, 1}), [compressed])},
     {"compressed binary", term_to_binary(binary:copy(<<"beam">>, 300), [{compressed, 9}])}].

%% As nodes write to each other: all atoms in UTF-8 (the default since OTP 26).
written(Term) -> term_to_binary(Term, [{minor_version, 2}]).

integers() ->
    Borders = [1 bsl B || B <- [7, 8, 15, 16, 27, 28, 31, 32, 53, 59, 60, 63, 64, 128, 256]],
    Near = lists:append([[P - 1, P, P + 1] || P <- Borders]),
    [{"integer " ++ integer_to_list(I), I} || I <- [0, 1, 42] ++ Near ++ [-I || I <- [1 | Near]]] ++
    [{"integer 2^2039 (255 bytes)", (1 bsl 2039)},
     {"integer 2^2040 (256 bytes)", (1 bsl 2040)},
     {"integer 2^2048", 1 bsl 2048},
     {"integer -2^2048", -(1 bsl 2048)}].

floats() ->
    [{"float " ++ io_lib:format("~w", [F]), F} ||
        F <- [0.0, -0.0, 1.0, -1.0, 1.5, 0.1, 3.141592653589793, 1.0e10, 1.0e22, 1.0e-7, 123456789.125,
              9007199254740991.0, 9007199254740992.0, 1.7976931348623157e308,
              2.2250738585072014e-308, 5.0e-324, -5.0e-324]].

atoms() ->
    [{"atom " ++ Name, A} || {Name, A} <-
        [{"ascii", hello}, {"true", true}, {"false", false}, {"nil", nil}, {"undefined", undefined},
         {"empty", ''}, {"with quotes", 'it\'s "here"'}, {"with space", 'hello world'},
         {"upper case", 'Elixir.Enum'}, {"reserved word", 'end'}, {"with newline", 'a\nb'},
         {"with NUL", 'a\0b'}, {"with at", 'web@127.0.0.1'}, {"latin1", 'caf\x{e9}'},
         {"unicode", '\x{436}\x{430}\x{431}\x{430}'}, {"emoji", '\x{1F600}'},
         {"255 ascii", list_to_atom(lists:duplicate(255, $a))},
         {"255 latin1", list_to_atom(lists:duplicate(255, 16#E9))},
         {"255 of three bytes", list_to_atom(lists:duplicate(255, 16#20AC))},
         {"255 of four bytes", list_to_atom(lists:duplicate(255, 16#1F600))}]].

lists_() ->
    [{"list empty", []}, {"list of bytes", [1, 2, 3]}, {"string", "hello"}, {"string quotes", "a\"b\\c\n"},
     {"string latin1", [99, 97, 102, 233]}, {"string unicode", [1046, 1072, 1073, 1072]},
     {"string of 65535", lists:duplicate(65535 div 8, $a)},
     {"list of integers", [1, 300, 70000, -5]}, {"list of one integer", [1000]},
     {"list of wides", [1 bsl 40, -(1 bsl 40), 1 bsl 52]}, {"list of bigs", [1 bsl 64, 1 bsl 65]},
     {"list of floats", [1.0, 2.5, -3.25]}, {"list of one float", [0.5]},
     {"list of integers, wides and floats", [1, 300, 1 bsl 40, 1 bsl 41, 1.5, 2.5, 1, a]},
     {"list nested", [[], [[]], [[[]]], [1000, [2000, [3000]]]]},
     {"improper", [a | b]}, {"improper integers", [1, 2 | 3]}, {"improper floats", [1.0, 2.0 | 3.0]},
     {"improper binary tail", [<<"a">> | <<"b">>]}, {"improper long", lists:seq(1, 300) ++ tail},
     {"iolist", [<<"ab">>, $c, [<<"d">> | <<"e">>]]},
     {"list of 300 to 600", lists:seq(300, 600)}].

binaries() ->
    [{"binary empty", <<>>}, {"binary text", <<"hello">>}, {"binary utf8", <<"Жаба"/utf8>>},
     {"binary bytes", <<0, 255, 128, 1>>}, {"binary all bytes", list_to_binary(lists:seq(0, 255))}] ++
    [{"bitstring of " ++ integer_to_list(N), <<(16#5A5A5A bsr (24 - N)):N>>} || N <- lists:seq(1, 17)].

tuples() ->
    [{"tuple of " ++ integer_to_list(N), list_to_tuple(lists:seq(1, N))} || N <- [0, 1, 2, 255, 256, 300]] ++
    [{"tuple tagged", {ok, 42}}, {"tuple nested", {a, {b, {c, {}}}, [{}]}}].

maps() ->
    [{"map empty", #{}}, {"map of one", #{a => 1}}, {"map of kinds", #{a => 1, 2 => b, <<"c">> => [3], {d} => #{}}},
     {"map of 1 and 1.0", #{1 => integer, 1.0 => float}}, {"map of 32", map_of(32)},
     {"map of 33", map_of(33)}, {"map of 100", map_of(100)},
     {"map nested", #{a => #{b => #{c => #{}}}}}, {"map with list keys", #{[] => 0, [1] => 1, "ab" => 2}}].

map_of(N) -> maps:from_list([{I, integer_to_binary(I)} || I <- lists:seq(1, N)]).

%% Of another node, so that nothing depends on who runs this.
identifiers() ->
    Node = atom('a@host'),
    [{Name, binary_to_term(<<131, Bytes/binary>>)} || {Name, Bytes} <-
        [{"pid", <<88, Node/binary, 87:32, 0:32, 1699:32>>},
         {"pid of large numbers", <<88, Node/binary, 16#7FFF:32, 16#1FFF:32, 16#FFFFFFF0:32>>},
         {"pid of a node with a long name", <<88, (atom(long_node()))/binary, 1:32, 2:32, 3:32>>},
         {"port", <<89, Node/binary, 5:32, 1699:32>>},
         {"port of 28 bits", <<89, Node/binary, 16#0FFFFFFF:32, 1699:32>>},
         {"port v4", <<120, Node/binary, (1 bsl 40 + 7):64, 1699:32>>},
         {"port v4 of 64 bits", <<120, Node/binary, (1 bsl 64 - 1):64, 1699:32>>}] ++
        [{"reference of " ++ integer_to_list(N) ++ " words", reference(Node, N)} || N <- [1, 2, 3, 4, 5]]].

reference(Node, N) ->
    Words = << <<(I * 16#1111111):32>> || I <- lists:seq(1, N) >>,
    <<90, N:16, Node/binary, 1699:32, (first_word_of_18_bits(Words))/binary>>.

first_word_of_18_bits(<<First:32, Rest/binary>>) -> <<(First band 16#3FFFF):32, Rest/binary>>.

long_node() -> list_to_atom(lists:duplicate(120, $n) ++ "@" ++ lists:duplicate(130, $h)).

funs() ->
    {ok, golden_funs, Code} = compile:forms(
        [{attribute, 1, module, golden_funs}, {attribute, 2, compile, [export_all, nowarn_export_all]},
         {function, 3, make, 2, [{clause, 3, [{var, 3, 'A'}, {var, 3, 'B'}], [],
            [{'fun', 3, {clauses, [{clause, 3, [{var, 3, 'X'}], [],
                [{tuple, 3, [{var, 3, 'X'}, {var, 3, 'A'}, {var, 3, 'B'}]}]}]}}]}]}],
        [deterministic]),
    {module, golden_funs} = code:load_binary(golden_funs, "golden_funs.erl", Code),
    [{"fun", golden_funs:make(1, 2)},
     {"fun with large environment", golden_funs:make([<<"text">>, 1.5, #{k => {v}}], lists:seq(1, 300))},
     {"fun with a fun in its environment", golden_funs:make(golden_funs:make(a, b), fun lists:map/2)},
     {"fun within a tuple", {before, golden_funs:make([], <<1:3>>), 'after'}}].

exports() ->
    [{"export", fun lists:map/2}, {"export of arity 255", fun golden_funs:wide/255},
     {"export of odd names", fun 'odd mod':'f\x{e9}'/0}].

mixed() ->
    [Pid, Reference] = [T || {Name, T} <- identifiers(), lists:member(Name, ["pid", "reference of 3 words"])],
    [{"rpc reply", {Reference, {ok, [1, 2, 3]}, <<"twelve bytes">>}},
     {"gen_call", {'$gen_call', {Pid, [alias | Reference]}, {get, <<"key">>, 7}}},
     {"event", {event, [<<"CHANNEL_ANSWER">> | [{<<"Event-Name">>, <<"x">>}, {<<"Core-UUID">>, <<"y">>}]]}},
     {"row", #{<<"id">> => 17, <<"name">> => <<"Ada">>, <<"score">> => 99.5, <<"tags">> => [a, b],
               <<"at">> => {{2024, 2, 29}, {23, 59, 59}}}},
     {"EXIT", {'EXIT', Pid, {badarg, [{erlang, hd, [[]], [{error_info, #{}}]}]}}}].

%% ---- what today's Erlang reads but does not write ----

by_hand() ->
    Node = <<100, 6:16, "a@host">>,
    [{Name, <<131, Bytes/binary>>} || {Name, Bytes} <-
        [{"atom ATOM_EXT", <<100, 5:16, "hello">>},
         {"atom ATOM_EXT latin1", <<100, 4:16, "caf", 233>>},
         {"atom ATOM_EXT empty", <<100, 0:16>>},
         {"atom SMALL_ATOM_EXT", <<115, 5, "hello">>},
         {"atom SMALL_ATOM_EXT latin1", <<115, 4, "caf", 233>>},
         {"atom ATOM_UTF8_EXT though short", <<118, 5:16, "hello">>},
         {"pid PID_EXT", <<103, Node/binary, 87:32, 3:32, 2>>},
         {"port PORT_EXT", <<102, Node/binary, 5:32, 2>>},
         {"port V4_PORT_EXT though small", <<120, Node/binary, 5:64, 1699:32>>},
         {"reference REFERENCE_EXT", <<101, Node/binary, 77:32, 2>>},
         {"reference NEW_REFERENCE_EXT", <<114, 3:16, Node/binary, 2, 1:32, 2:32, 3:32>>},
         {"integer INTEGER_EXT though small", <<98, 7:32>>},
         {"integer SMALL_BIG_EXT though small", <<110, 1, 0, 7>>},
         {"integer SMALL_BIG_EXT of 4 bytes", <<110, 4, 1, 0, 0, 0, 128>>},
         {"integer SMALL_BIG_EXT with leading zeros", <<110, 12, 0, 1, 2, 3, 4, 5, 0, 0, 0, 0, 0, 0, 0>>},
         {"integer LARGE_BIG_EXT though small", <<111, 9:32, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1>>},
         {"list LIST_EXT of bytes", <<108, 3:32, 97, 1, 97, 2, 97, 3, 106>>},
         {"list LIST_EXT of INTEGER_EXT", <<108, 3:32, 98, 1:32, 98, 2:32, 98, 3:32, 106>>},
         {"list with a list for its tail", <<108, 1:32, 97, 1, 108, 2:32, 97, 2, 97, 3, 106>>},
         {"list with a string for its tail", <<108, 1:32, 119, 1, "a", 107, 2:16, "bc">>},
         {"improper through a tail", <<108, 1:32, 97, 1, 108, 1:32, 97, 2, 119, 1, "t">>},
         {"list LIST_EXT without elements", <<108, 0:32, 106>>},
         {"list LIST_EXT without elements, atom for its tail", <<108, 0:32, 119, 1, "t">>},
         {"string STRING_EXT empty", <<107, 0:16>>},
         {"tuple LARGE_TUPLE_EXT though small", <<105, 2:32, 97, 1, 97, 2>>},
         {"tuple LARGE_TUPLE_EXT empty", <<105, 0:32>>},
         {"bitstring BIT_BINARY_EXT of whole bytes", <<77, 2:32, 8, "ab">>},
         {"bitstring BIT_BINARY_EXT with stray bits", <<77, 1:32, 3, 255>>}]].

by_rule() ->
    [{"deep list", <<>>, <<108, 1:32>>, 10000, <<106>>, <<106>>},
     {"deep tuple", <<>>, <<104, 1>>, 9999, <<104, 0>>, <<>>},
     {"deep map", <<>>, <<116, 1:32, 97, 1>>, 10000, <<106>>, <<>>},
     {"long binary", <<109, 70000:32>>, <<7>>, 70000, <<>>, <<>>},
     {"long list of integers", <<108, 20000:32>>, <<98, 1000:32>>, 20000, <<106>>, <<>>},
     {"long list of bytes", <<108, 70000:32>>, <<97, 5>>, 70000, <<106>>, <<>>},
     {"long string", <<107, 65535:16>>, <<"x">>, 65535, <<>>, <<>>},
     {"long list of floats", <<108, 20000:32>>, <<70, 1.5/float>>, 20000, <<106>>, <<>>},
     {"large integer", <<111, 4096:32, 1>>, <<171>>, 4096, <<>>, <<>>}].

atom(A) ->
    <<131, Bytes/binary>> = written(A),
    Bytes.

%% ---- JSON ----

hex(Bytes) -> string:lowercase(binary_to_list(binary:encode_hex(Bytes))).

put_line(Fields) -> io:put_chars([object(Fields), $\n]).

object(Fields) ->
    ["{", lists:join(",", [[quoted(Key), ":", value(Value)] || {Key, Value} <- Fields]), "}"].

value({Fields}) -> object(Fields);
value(Number) when is_integer(Number) -> integer_to_list(Number);
value(Text) -> quoted(unicode:characters_to_list(Text)).

quoted(Characters) -> [$", [escaped(C) || C <- Characters], $"].

escaped($") -> "\\\"";
escaped($\\) -> "\\\\";
escaped(C) when C >= 32, C < 127 -> C;
escaped(C) when C < 16#10000 -> io_lib:format("\\u~4.16.0b", [C]);
escaped(C) ->
    Rest = C - 16#10000,
    [escaped(16#D800 + Rest div 16#400), escaped(16#DC00 + Rest rem 16#400)].
