#!/usr/bin/env bash
# Builds the fuzz targets of test/fuzz, the native ones with sanitizers, also in ei, and runs them: as
# many at a time as there are cores.
#
#   scripts/fuzz.sh [SECONDS]            each target, 20 s by default
#   scripts/fuzz.sh TARGET [SECONDS]     one
#   scripts/fuzz.sh --hours HOURS        each, until so many hours have passed; keep the machine busy
#   scripts/fuzz.sh --list               their names
#   scripts/fuzz.sh --minimize           writes what a long run has found to test/fuzz/corpus: the
#                                        smallest inputs that together reach the same places
#
# Targets in C++ are libFuzzer's; those in JavaScript run by test/fuzz/engine, which is led by
# coverage, too. Each starts with the inputs of test/fuzz/corpus. Inputs that were found stay in
# build-fuzz/corpus, inputs that failed in build-fuzz/crashes: `scripts/fuzz.sh --again TARGET FILE`
# runs one again. Prints a line for each target: its name, passed or failed, inputs that were run.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/packages.sh

build=build-fuzz
# Bytes of the longest input that is committed.
longest=256

targets() {
  local file
  for file in test/fuzz/*.cc; do basename "$file" .cc; done
  for file in test/fuzz/*.mjs; do basename "$file" .mjs; done
}

is_native() { [ -f "test/fuzz/$1.cc" ]; }

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

# Nor must a fault that only who follows the coverage finds.
check_engine() {
  local corpus="$build/corpus/planted" status=0
  rm -rf "$corpus"
  mkdir -p "$corpus"
  node test/fuzz/engine/run.mjs test/fuzz/engine/planted.mjs -max_total_time=120 \
    -artifact_prefix="$build/planted-" "$corpus" >"$build/planted.log" 2>&1 || status=$?
  [ "$status" = 77 ] || fail "the fuzzer for JavaScript does not find its planted fault: $(tail -n 3 "$build/planted.log")"
}

# The coverage of the targets in JavaScript goes by files, and dist has few.
build_lib() {
  quietly npx --no-install tsc -p tsconfig.json --declaration false --outDir "$build/lib"
}

prepare() {
  configure
  build_lib
  check_sanitizer
  check_engine
}

# The program of a target, whatever it is written in.
fuzzer() {
  local target="$1"
  shift
  if is_native "$target"; then
    "$build/fuzz_$target" -timeout=10 -rss_limit_mb=1024 "$@"
  else
    node test/fuzz/engine/run.mjs "test/fuzz/$target.mjs" "$@"
  fi
}

# What a target starts with: the committed inputs, and seeds where it has any.
fill_corpus() {
  local target="$1" corpus="$2"
  mkdir -p "$corpus"
  [ ! -f "test/fuzz/corpus/$target.txt" ] ||
    node test/fuzz/engine/corpus.mjs unpack "test/fuzz/corpus/$target.txt" "$corpus"
  case "$target" in
    decoder | encoder) "$build/seeds" "$target" "$corpus" ;;
    # Seeds of its own, each with a name.
    *) [ ! -d "test/fuzz/$target" ] || cp "test/fuzz/$target"/* "$corpus" ;;
  esac
}

run() {
  local target="$1" seconds="$2" log="$build/$1.log" outcome=passed executions
  mkdir -p "$build/crashes"
  fill_corpus "$target" "$build/corpus/$target"
  say "fuzzing $target for $seconds s"
  fuzzer "$target" -max_total_time="$seconds" -artifact_prefix="$build/crashes/$target-" \
    -print_final_stats=1 "$build/corpus/$target" >"$log" 2>&1 || outcome=failed
  executions="$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")"
  [ "$outcome" = passed ] || tail -n 60 "$log" >&2
  echo "$target $outcome ${executions:-0}"
  [ "$outcome" = passed ]
}

minimize() {
  local target="$1" small="$build/minimized/$1"
  rm -rf "$small"
  mkdir -p "$small" test/fuzz/corpus
  fill_corpus "$target" "$build/corpus/$target"
  fuzzer "$target" -merge=1 "$small" "$build/corpus/$target" >"$build/merge.log" 2>&1 ||
    { tail -n 30 "$build/merge.log" >&2; fail "the inputs of $target cannot be merged"; }
  node test/fuzz/engine/corpus.mjs pack "$small" "test/fuzz/corpus/$target.txt" "$longest"
  say "$target: $(wc -l <"test/fuzz/corpus/$target.txt") inputs are committed"
}

known() {
  local all
  all="$(targets | xargs)"
  case " $all " in
    *" $1 "*) ;;
    *) fail "there is no fuzz target '$1'; there are: $all" ;;
  esac
}

case "${1:-}" in
  --list)
    targets
    exit
    ;;
  --one) # TARGET SECONDS, of what has been prepared
    run "$2" "$3"
    exit
    ;;
  --again)
    known "$2"
    prepare
    fuzzer "$2" "$3"
    exit
    ;;
  --minimize)
    prepare
    for target in $(targets); do minimize "$target"; done
    exit
    ;;
  --hours)
    chosen="$(targets)"
    turns="$(($(wc -w <<<"$chosen") + $(nproc) - 1))"
    seconds="$(awk -v hours="$2" -v turns="$((turns / $(nproc)))" 'BEGIN { printf "%d", hours * 3600 / turns }')"
    ;;
  '' | [0-9]*) chosen="$(targets)" seconds="${1:-20}" ;;
  *) chosen="$1" seconds="${2:-20}" ;;
esac
for target in $chosen; do known "$target"; done
prepare
tr ' ' '\n' <<<"$chosen" | xargs -P "$(nproc)" -I TARGET bash scripts/fuzz.sh --one TARGET "$seconds"
