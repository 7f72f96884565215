%% Random terms, printed in random ways, for a test that prints them again.
-module(random_print).
-export([cases/2]).

%% `N` times a format, its arguments, and the text that io_lib makes of them.
cases(Seed, N) ->
    rand:seed(exsss, Seed),
    [one() || _ <- lists:seq(1, N)].

one() ->
    Term = term(rand:uniform(5)),
    {Format, Args} = pick([
      {"~p", [Term]}, {"~tp", [Term]}, {"~w", [Term]}, {"~tw", [Term]}, {"~lp", [Term]}, {"~0p", [Term]},
      {"~*p", [rand:uniform(120), Term]}, {"~*.*p", [rand:uniform(100), rand:uniform(60), Term]},
      {"ab~tcd ~p", [16#e9, Term]}, {"~n\t~p ~p", [Term, Term]}, {"~P", [Term, rand:uniform(20)]},
      {"~*tP", [10 + rand:uniform(90), Term, rand:uniform(30)]}]),
    Text = unicode:characters_to_binary(io_lib:format(Format, Args)),
    {Format, Args, Text}.

pick(L) -> lists:nth(rand:uniform(length(L)), L).

term(0) -> leaf();
term(D) ->
    case rand:uniform(12) of
        1 -> leaf();
        2 -> list_to_tuple([pick([ok, error, a_long_tag_of_a_tuple, undefined]) | terms(D)]);
        3 -> list_to_tuple(terms(D));
        4 -> terms(D) ++ terms(D);
        5 -> [leaf() | terms(D)];
        6 -> maps:from_list([{term(min(D - 1, 1)), term(D - 1)} || _ <- lists:seq(1, rand:uniform(6))]);
        7 -> maps:from_list([{leaf(), leaf()} || _ <- lists:seq(1, rand:uniform(40))]);
        8 -> [{leaf(), term(D - 1)} || _ <- lists:seq(1, rand:uniform(5))];
        9 -> [leaf() || _ <- lists:seq(1, rand:uniform(40))];
        10 -> lists:seq(1, rand:uniform(40));
        11 -> [term(D - 1), term(D - 1) | pick([tail, 7, <<"tail">>, {t, a, i, l}, 1.5])];
        12 -> [term(D - 1)]
    end.

terms(D) -> [term(D - 1) || _ <- lists:seq(1, rand:uniform(5) - 1)].

leaf() ->
    case rand:uniform(14) of
        1 -> rand:uniform(1000) - 500;
        2 -> rand:uniform(1 bsl 70);
        3 -> (rand:uniform() - 0.5) * math:pow(10, rand:uniform(40) - 20);
        4 -> pick([ok, 'Quoted atom', 'with\'quote', '', true, nil, 'end', 'жук', 'né', a@b, 'x y\n']);
        5 -> chars(rand:uniform(30), 32, 126);
        6 -> chars(rand:uniform(12), 0, 300);
        7 -> list_to_binary(chars(rand:uniform(60) - 1, 32, 126));
        %% Not text by chance: releases differ in what they make of text that ends in bytes.
        8 -> <<0, (rand:bytes(rand:uniform(50) - 1))/binary>>;
        9 -> unicode:characters_to_binary(chars(rand:uniform(10), 160, 300));
        10 -> <<0, (rand:bytes(rand:uniform(20)))/binary, 5:3>>;
        11 -> pick([[], {}, #{}, <<>>, "", [[]], [0], "\n\t\e"]);
        12 -> fun lists:map/2;
        13 -> chars(rand:uniform(200), 97, 122);
        14 -> pick([0, 0.0, -0.0, 1.0, 100.0, 1.0e22, 1.0e-7])
    end.

chars(N, From, To) -> [From + rand:uniform(To - From + 1) - 1 || _ <- lists:seq(1, N)].
