#!/usr/bin/env bash
# `npm run soak`: messages, calls and processes both ways at full rate between a node of ours and a
# real one, under faults drawn at random; fails when a message was lost or doubled while connected, an
# answer was wrong, or memory, descriptors or threads have grown.
#
#   npm run soak                       ten minutes
#   npm run soak -- --minutes 60
#   npm run soak -- --seed 7           the same faults again
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/packages.sh
export BEAMLINK_SOAK_MINUTES=10 BEAMLINK_SOAK_SEED=''
while [ $# -gt 0 ]; do
  case "$1" in
    --minutes) BEAMLINK_SOAK_MINUTES="${2:?--minutes needs a number}" ;;
    --seed) BEAMLINK_SOAK_SEED="${2:?--seed needs a number}" ;;
    *) fail "soak.sh takes --minutes N and --seed N, got $1" ;;
  esac
  shift 2
done
exec npx --no-install vitest run --project soak
