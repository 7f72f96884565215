#!/usr/bin/env bash
# The C++ tests under one sanitizer, with an ei that has it in it, too. Fails upon a failed test and
# upon a report.
#
#   scripts/sanitize.sh address      reads and writes outside of blocks, use after free, leaks
#   scripts/sanitize.sh undefined    what C++ leaves undefined: overflows, bad shifts and casts
#   scripts/sanitize.sh thread       data races (clang's, which knows more of C++20 than gcc's)
#
# `npm test` runs the first two together. A fault planted on purpose has to be seen each time.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/packages.sh

sanitizer="${1:-}"
case "$sanitizer" in
  address) ei=address ;;
  undefined) ei= ;; # ei shifts into sign bits throughout
  thread)
    ei=thread
    export BEAMLINK_PATIENCE=10 # it takes many times as long
    export CC="${CLANG:-clang-14}" CXX="${CLANGXX:-clang++-14}"
    ;;
  *) fail "sanitize.sh takes address, undefined or thread, got '$sanitizer'" ;;
esac

build="build-$sanitizer"
log=".cache/sanitize-$sanitizer.log"
mkdir -p .cache
[ -z "$ei" ] || bash scripts/instrumented-ei.sh "$ei" >/dev/null ||
  say 'going on with an ei that the sanitizer does not see into'
say "C++ tests with -fsanitize=$sanitizer"
{
  cmake -S . -B "$build" -DCMAKE_BUILD_TYPE=Debug -DBEAMLINK_SANITIZE="$sanitizer" &&
    cmake --build "$build" --parallel "$(nproc)" &&
    ctest --test-dir "$build" --verbose
} >"$log" 2>&1 </dev/null || { tail -n 100 "$log" >&2; fail "the tests fail with -fsanitize=$sanitizer"; }
grep -E 'test cases:|tests passed' "$log" >&2
