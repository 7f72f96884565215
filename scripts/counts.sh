# Sourced by what runs tests: keeps, per runner, how many passed and failed, one line each in a file
# that .ci/run adds up, and what failed, to be said once more at the end of a long output.

counts="${BEAMLINK_COUNTS:-.cache/counts}"
failures="$counts-failures"

start_counts() {
  mkdir -p "$(dirname "$counts")"
  : >"$counts"
  : >"$failures"
}

# record RUNNER PASSED FAILED EXIT: a runner that failed without saying how often, or that ran
# nothing, failed once.
record() {
  local failed="$3"
  if [ "$failed" = 0 ] && { [ "$4" != 0 ] || [ "$2" = 0 ]; }; then failed=1; fi
  echo "$1 $2 $failed" >>"$counts"
  if [ "$failed" != 0 ] && ! grep -qs "^$1: " "$failures"; then
    echo "$1: $failed failed, see above" >>"$failures"
  fi
  say "$1: $2 passed, $failed failed"
}

# What failed, then one line over all runners; fails when anything failed.
total() {
  sed 's/^/failed: /' "$failures"
  awk '{ passed += $2; failed += $3 }
       END { printf "%d passed, %d failed\n", passed, failed; exit failed > 0 }' "$counts"
}

# run_vitest RUNNER [ARGUMENT…]: vitest, recorded under this name. A file that does not load has no
# tests, and counts as one failure.
run_vitest() {
  local runner="$1" status=0 report=".cache/$1.json" outcome
  shift
  rm -f "$report"
  npx --no-install vitest run --reporter=default --reporter=json --outputFile.json="$report" "$@" \
    </dev/null || status=$?
  outcome="$(node scripts/vitest-counts.mjs "$report")"
  tail -n +2 <<<"$outcome" | sed "s/^/$runner: /" >>"$failures"
  # shellcheck disable=SC2046  # two numbers
  record "$runner" $(head -n 1 <<<"$outcome") "$status"
}
