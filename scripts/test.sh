#!/usr/bin/env bash
# `npm test`: sets up what is missing and runs every test: C++ units under sanitizers, fuzz targets,
# then vitest. All of them run, also after a failure; the last lines say what came of it.
set -uo pipefail
cd "$(dirname "$0")/.."
. scripts/packages.sh
. scripts/counts.sh
bash scripts/setup.sh --tests || exit 1
start_counts
fuzz_seconds="${BEAMLINK_FUZZ_SECONDS:-20}"

native_tests() {
  local log=.cache/native-tests.log status=0
  bash scripts/instrumented-ei.sh address >/dev/null ||
    say 'going on with an ei that the sanitizers do not see into'
  {
    cmake -S . -B build-test -DCMAKE_BUILD_TYPE=Debug -DBEAMLINK_SANITIZE=ON >"$log" 2>&1 &&
      cmake --build build-test --parallel "$(nproc)" >>"$log" 2>&1 &&
      ctest --test-dir build-test --verbose >>"$log" 2>&1
  } || status=$?
  [ "$status" = 0 ] || tail -n 100 "$log"
  # shellcheck disable=SC2046  # two numbers
  record native $(native_counts <"$log") "$status"
}

# doctest's cases, which ctest does not know of, and ctest's tests that are no doctest programs.
native_counts() {
  sed 's/\x1b\[[0-9;]*m//g' | awk '
    /\[doctest\] test cases:/ {
      for (i = 2; i <= NF; i++) { if ($i == "passed") p += $(i-1); if ($i == "failed") f += $(i-1) }
    }
    /^ *[0-9]+\/[0-9]+ Test +#/ && !/: units / { if (/Passed/) p++; else f++ }
    END { print p + 0, f + 0 }'
}

# Each target is a test; those that did not come to run are one that failed.
fuzz_tests() {
  local target outcome lines
  lines="$(bash scripts/fuzz.sh "$fuzz_seconds")"
  [ -n "$lines" ] || record fuzz 0 1 1
  while read -r target outcome _; do
    if [ "$outcome" = passed ]; then record "fuzz-$target" 1 0 0; else record "fuzz-$target" 0 1 1; fi
  done < <(echo "$lines" | sed '/^$/d')
}

say 'C++ unit tests, with address and undefined-behaviour sanitizers'
native_tests
say "fuzz targets, $fuzz_seconds s each"
fuzz_tests
say 'TypeScript tests'
projects=()
# Not the others: several negated names would leave none out.
for name in unit types codec interop lifecycle package faults-quick; do projects+=(--project "$name"); done
run_vitest vitest "${projects[@]}"
total
