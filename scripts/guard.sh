#!/usr/bin/env bash
# Guards against getting slower by what does not depend on the speed of the machine: instructions of
# the codec in C++, counted by valgrind, and bytes that JavaScript allocates for each operation. Both
# are compared with bench/guard/baseline.json; more than a tenth above it fails.
#
#   scripts/guard.sh            compares
#   scripts/guard.sh --renew    makes what is measured now the baseline: commit it with its reason
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/packages.sh
. scripts/counts.sh

case "${1:-}" in
  '' | --renew) ;;
  *) fail "guard.sh takes --renew or nothing, got $1" ;;
esac
echo 'valgrind valgrind' | install_packages
bash scripts/setup.sh

say 'building what is counted'
quietly cmake -S . -B build-guard -DCMAKE_BUILD_TYPE=Release -DBEAMLINK_GUARD=ON
quietly cmake --build build-guard --parallel "$(nproc)"

# Another compiler, or another machine, gives other instructions.
compiler="$(basename "$(sed -n 's/^CMAKE_CXX_COMPILER:[A-Z]*=//p' build-guard/CMakeCache.txt)")"
version="$("$compiler" -dumpversion | cut -d. -f1)"
case "$("$compiler" --version | head -n 1)" in
  *clang*) maker="clang $version $(uname -m)" ;;
  *) maker="g++ $version $(uname -m)" ;;
esac

dumps=.cache/guard
rm -rf "$dumps"
mkdir -p "$dumps"
mapfile -t names < <(node bench/guard/corpora.mjs)
quietly valgrind --tool=callgrind --callgrind-out-file="$dumps/dump" \
  build-guard/codec_guard bench/build/corpus "${names[@]}"

status=0
report="$(node bench/guard/index.mjs "$dumps" "$maker" "$@")" || status=$?
echo "$report"
# shellcheck disable=SC2046  # two numbers
record guard $(sed -n 's/^guard: \([0-9]*\) passed, \([0-9]*\) failed$/\1 \2/p' <<<"$report" | grep . || echo 0 1) "$status"
exit "$status"
