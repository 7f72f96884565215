#!/usr/bin/env bash
# Builds the libFuzzer targets of test/fuzz with sanitizers, also in ei, and runs them.
#
#   scripts/fuzz.sh [SECONDS]            each target, 20 s by default
#   scripts/fuzz.sh TARGET [SECONDS]     one
#   scripts/fuzz.sh --list               their names
#
# Inputs that were found stay in build-fuzz/corpus, inputs that failed in build-fuzz/crashes. Run one
# again with `build-fuzz/fuzz_TARGET FILE`.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/packages.sh

build=build-fuzz

targets() { for file in test/fuzz/*.cc; do basename "$file" .cc; done; }

configure() {
  bash scripts/instrumented-ei.sh fuzzer >/dev/null ||
    say 'ei is not instrumented: only guard pages catch what it reads past its memory'
  mkdir -p "$build"
  cmake -S . -B "$build" -DBEAMLINK_FUZZ=ON -DCMAKE_BUILD_TYPE=RelWithDebInfo \
    -DCMAKE_C_COMPILER="${CLANG:-clang-14}" -DCMAKE_CXX_COMPILER="${CLANGXX:-clang++-14}" \
    >"$build/build.log" 2>&1 &&
    cmake --build "$build" --parallel "$(nproc)" >>"$build/build.log" 2>&1 ||
    { tail -n 50 "$build/build.log" >&2; fail 'the fuzz targets do not build'; }
}

# A reader that runs past its memory must not get away with it, or the runs below prove nothing.
check_sanitizer() {
  local place=guard
  grep -q '^-- ei: .*/\.cache/ei-fuzzer/' "$build/build.log" && place=heap
  if "$build/planted_overrun" "$place" >"$build/planted.log" 2>&1 ||
    ! grep -q 'ERROR: AddressSanitizer' "$build/planted.log"; then
    fail "nobody saw the planted overrun ($place): $(head -n 3 "$build/planted.log")"
  fi
}

run() {
  local target="$1" seconds="$2" corpus="$build/corpus/$1" crashes="$build/crashes"
  mkdir -p "$corpus" "$crashes"
  # Targets with seeds of their own bring a folder test/fuzz/TARGET.
  case "$target" in
    decoder | encoder) "$build/seeds" "$target" "$corpus" ;;
    *) [ ! -d "test/fuzz/$target" ] || cp "test/fuzz/$target"/* "$corpus" ;;
  esac
  say "fuzzing $target for $seconds s"
  if ! "$build/fuzz_$target" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=1024 \
    -artifact_prefix="$crashes/$target-" -print_final_stats=1 "$corpus" \
    >"$build/$target.log" 2>&1; then
    tail -n 60 "$build/$target.log" >&2
    fail "fuzzing $target failed"
  fi
  grep -E '^stat::number_of_executed_units|^stat::new_units_added' "$build/$target.log" >&2
}

case "${1:-}" in
  --list)
    targets
    exit
    ;;
  '' | [0-9]*) chosen="$(targets)" seconds="${1:-20}" ;;
  *) chosen="$1" seconds="${2:-20}" ;;
esac
for target in $chosen; do
  [ -f "test/fuzz/$target.cc" ] || fail "there is no fuzz target '$target'"
done
configure
check_sanitizer
for target in $chosen; do run "$target" "$seconds"; done
