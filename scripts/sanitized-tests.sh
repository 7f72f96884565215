#!/usr/bin/env bash
# The part of `npm run test:all` that looks for what does no harm at once: races, reads past memory in
# the addon while it talks to Erlang, and leaks, each recorded as one test.
set -uo pipefail
cd "$(dirname "$0")/.."
. scripts/packages.sh
. scripts/counts.sh

# recorded NAME COMMAND…
recorded() {
  local name="$1" status=0
  shift
  "$@" </dev/null || status=$?
  record "$name" "$((status == 0))" "$((status != 0))" "$status"
}

recorded thread-sanitizer bash scripts/sanitize.sh thread
recorded sanitized-addon bash scripts/interop-sanitized.sh
BEAMLINK_LEAKS=full run_vitest leaks --project lifecycle leaks
