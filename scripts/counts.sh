# Sourced by what runs tests: keeps, per runner, how many passed and failed, one line each in a file
# that .ci/run adds up.

counts="${BEAMLINK_COUNTS:-.cache/counts}"

start_counts() {
  mkdir -p "$(dirname "$counts")"
  : >"$counts"
}

# record RUNNER PASSED FAILED EXIT: a runner that failed without saying how often, or that ran
# nothing, failed once.
record() {
  local failed="$3"
  if [ "$failed" = 0 ] && { [ "$4" != 0 ] || [ "$2" = 0 ]; }; then failed=1; fi
  echo "$1 $2 $failed" >>"$counts"
  say "$1: $2 passed, $failed failed"
}

# One line over all runners; fails when anything failed.
total() {
  awk '{ passed += $2; failed += $3 }
       END { printf "%d passed, %d failed\n", passed, failed; exit failed > 0 }' "$counts"
}

# run_vitest RUNNER [ARGUMENT…]: vitest, recorded under this name. A file that does not load has no
# tests, and counts as one failure.
run_vitest() {
  local runner="$1" status=0 report=".cache/$1.json"
  shift
  rm -f "$report"
  npx --no-install vitest run --reporter=default --reporter=json --outputFile.json="$report" "$@" \
    </dev/null || status=$?
  # shellcheck disable=SC2046  # two numbers
  record "$runner" $(node scripts/vitest-counts.mjs "$report") "$status"
}
