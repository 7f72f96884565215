#!/usr/bin/env bash
# Runs tests that talk to real Erlang nodes, and those of the codec and of ends, with an addon that
# has AddressSanitizer and UndefinedBehaviorSanitizer in it, as has its ei. Node itself has not: it
# gets the sanitizer's runtime by LD_PRELOAD. Fails upon a failed test and upon a report.
#
#   scripts/interop-sanitized.sh             a good share of the tests
#   scripts/interop-sanitized.sh NAME…       those whose names contain one of these
#
# Memory that is lost counts when the addon allocated it: V8 and Node keep and lose some of their own.
# Processes that are killed, as those of tests are, cannot tell of it: so things that test/fixtures/
# leaks.mjs does are done, too, by processes that end by themselves. First of all, faults planted in
# the addon have to be seen.
#
# All happens in a copy of the tree, .cache/sanitized/tree.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/packages.sh
. scripts/made-from.sh

cache="$PWD/.cache/sanitized"
tree="$cache/tree"
reports="$cache/reports"

share=(messages links monitors processes aliases spawn rpc calls-in serve connect reconnect
  back-pressure blocked-loop outage elixir codec/ lifecycle/stop lifecycle/worker lifecycle/process)

copy_tree() {
  mkdir -p "$tree"
  # What git knows or would take.
  git ls-files -z --cached --others --exclude-standard |
    grep -zv '^node_modules$' >"$cache/files"
  fill_tree
  ln -sfn "$(realpath node_modules)" "$tree/node_modules"
  cp test/native/planted/in_addon.cc "$tree/native/in_addon.cc"
  echo native/in_addon.cc >>"$tree/native/sources.txt"
  (cd "$tree" && quietly bash scripts/dist.sh)
}

fill_tree() {
  # Files that are gone from the tree are gone from the copy.
  find "$tree" -mindepth 1 -maxdepth 1 ! -name build -exec rm -rf {} +
  tar --create --null --files-from="$cache/files" --ignore-failed-read 2>/dev/null |
    tar --extract --directory="$tree"
}

build_addon() {
  local ei hash flags='-fsanitize=address,undefined -fno-sanitize=vptr -fno-sanitize-recover=all'
  ei="$(bash scripts/instrumented-ei.sh address)" || fail 'ei cannot be built with a sanitizer'
  hash="$(hash_of "$tree/native" "$tree/binding.gyp") $(node -p process.version) $(cat "$ei/made-from")"
  up_to_date "$tree/build/made-from" "$hash" "$tree/build/Release/beamlink.node" && return
  say 'building the addon with sanitizers'
  (
    cd "$tree"
    export BEAMLINK_EI_DIR="$ei" LDFLAGS="$flags"
    export CFLAGS="$flags -g -fno-omit-frame-pointer" CXXFLAGS="$flags -g -fno-omit-frame-pointer"
    quietly node scripts/native.mjs build
  )
  echo "$hash" >"$tree/build/made-from"
}

# Options by the name of the program: only Node tells what was lost, others (erl, sh) inherit the
# runtime and are none of our business.
prepare_options() {
  mkdir -p "$cache"
  echo 'detect_leaks=1' >"$cache/node.options"
  printf '#!/bin/sh\nunset LD_PRELOAD\nexec %s "$@"\n' "${BEAMLINK_ERL:-erl}" >"$cache/erl"
  chmod +x "$cache/erl"
}

# sanitized COMMAND…, in the copy. Reports go to a folder, but those of UndefinedBehaviorSanitizer,
# whose runtime is another, to where the output goes: it is kept.
sanitized() {
  rm -rf "$reports"
  mkdir -p "$reports"
  (
    cd "$tree"
    # Without libstdc++ in time the runtime does not find what throws.
    LD_PRELOAD="$(gcc -print-file-name=libasan.so) $(gcc -print-file-name=libstdc++.so.6)" \
      ASAN_OPTIONS="detect_leaks=0:include_if_exists=$cache/%b.options:log_path=$reports/report:log_exe_name=1" \
      UBSAN_OPTIONS='print_stacktrace=1' \
      LSAN_OPTIONS='exitcode=0:print_suppressions=0' \
      BEAMLINK_ERL="$cache/erl" "$@" 2>&1
  ) | tee "$cache/output.log"
}

# Blocks of LeakSanitizer, apart by empty lines, whose memory the addon asked for, and not V8 on its
# behalf: no frame of V8 stands above its first one.
lost_by_addon() {
  awk -v RS= '
    function is_ours(frames, n, i) {
      for (i = 1; i <= n; i++) {
        if (frames[i] ~ /beamlink|native[/]/) return 1
        if (frames[i] ~ / v8::/) return 0
      }
      return 0
    }
    /leak of/ { n = split($0, frames, "\n"); if (is_ours(frames, n)) print $0 "\n" }' "$1"
}

# Prints what the reports have against the addon; nothing when that is nothing.
findings() {
  local file
  grep -A 12 'runtime error:' "$cache/output.log" || true
  for file in "$reports"/*; do
    [ -f "$file" ] || continue
    if grep -q 'ERROR: AddressSanitizer' "$file"; then
      sed -n 1,60p "$file"
    else
      lost_by_addon "$file"
    fi
  done
}

check_planted() {
  local what seen
  for what in overrun overflow leak; do
    BEAMLINK_PLANT="$what" sanitized node -e "require('beamlink').encode(1)" >/dev/null || true
    seen="$(findings)"
    [ -n "$seen" ] || fail "nobody saw the planted $what: $(head -n 5 "$cache/output.log")"
  done
  sanitized node -e "require('beamlink').encode(1)" >/dev/null ||
    fail "Node does not run with the sanitizer: $(head -n 5 "$cache/output.log")"
  seen="$(findings)"
  [ -z "$seen" ] || fail "a run without a planted fault has a report: $seen"
}

# checked WHAT COMMAND…
checked() {
  local what="$1" status=0 seen
  shift
  say "$what"
  sanitized "$@" || status=$?
  seen="$(findings)"
  if [ -n "$seen" ]; then
    printf '%s\n' "$seen" >&2
    say "$what: the sanitizers have something to report"
    status=1
  fi
  return "$status"
}

copy_tree
build_addon
prepare_options
check_planted
failed=0
[ "$#" != 0 ] || set -- "${share[@]}"
for thing in pairs starts workers; do
  LEAKS_COOKIE=secret checked "$thing, with sanitizers" \
    node --expose-gc test/fixtures/leaks.mjs "$thing" 2 10 </dev/null || failed=1
done
# Everything takes several times as long.
BEAMLINK_PATIENCE=6 checked 'tests, with sanitizers' \
  npx --no-install vitest run --project codec --project interop --project lifecycle \
  --testTimeout 180000 --retry 1 "$@" </dev/null || failed=1
exit "$failed"
