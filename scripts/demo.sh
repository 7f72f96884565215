#!/usr/bin/env bash
# `npm run demo`: sets up what is missing and shows a Node service and an Erlang node at work.
# `npm run demo -- --once` runs the steps and ends.
set -euo pipefail
cd "$(dirname "$0")/.."
bash scripts/setup.sh
exec node examples/demo/main.mjs "$@"
