#!/usr/bin/env bash
# The C++ tests of the core with musl's C library: compiled with what scripts/prebuilds.sh compiles the
# addon for musl with, run by musl's own loader. There is no Node for musl to be had from npm or Debian,
# so what needs Node or libuv is left out; test/release loads the addon itself.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/packages.sh
. scripts/debian-root.sh

bash scripts/prebuilds.sh linux-x64-musl
root="${XDG_CACHE_HOME:-$HOME/.cache}/beamlink/build-bullseye"
made="$root/made/linux-x64-musl"
[ -x "$made/bin/cxx" ] || fail "the compilers for musl are gone; remove .cache/prebuilds and run this again"
[ -e /usr/include/doctest/doctest.h ] || fail 'doctest-dev is not installed'

# Inside the compilers' root, with the same path there.
work="$made/tests"
rm -rf "$work"
mkdir -p "$work/include" "$work/test" "$work/objects"
cp -RL native "$work/native"
cp -RL test/native test/golden "$work/test/"
cp -RL /usr/include/doctest "$work/include/"

cd "$work"
{
  grep -E '^native/(base|etf|dist)/' native/sources.txt
  find test/native -name '*.cc' ! -path '*/io/*' ! -path '*/planted/*'
} >files
say "compiling $(wc -l <files) files for musl"
# shellcheck disable=SC2016  # for the shells that xargs starts
xargs -P "$(nproc)" -I{} sh -c '"$0" -std=c++20 -O1 -fno-exceptions -pthread -D_REENTRANT -w \
  -DDOCTEST_CONFIG_NO_EXCEPTIONS_BUT_WITH_ALL_ASSERTS \
  -DBEAMLINK_GOLDEN="\"$1/test/golden/terms.jsonl\"" \
  -DBEAMLINK_GOLDEN_CONTROLS="\"$1/test/golden/controls.txt\"" \
  -Inative -Itest/native -Iinclude -I"$2/include" -c {} -o "objects/$(echo {} | tr / _).o"' \
  "$made/bin/cxx" "$work" "$made/ei" <files
"$made/bin/cxx" -static-libstdc++ -static-libgcc -pthread objects/*.o "$made/ei/lib/libei.a" -o tests
ldd tests 2>/dev/null | grep -q 'libc.so.6' && fail 'the tests were linked with glibc'

{ echo '#!/bin/sh'; echo "set -- '$work/tests' \"\$@\""; enter_root "$root"; } >run
sh run "$@"
