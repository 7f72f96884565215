#!/usr/bin/env bash
# Builds `ei` from the source package of the installed erlang-dev with a sanitizer in it, and prints
# the folder with its include/ and lib/. Debian's own libei.a is not instrumented: no sanitizer sees
# what it reads or writes.
#
#   scripts/instrumented-ei.sh address    for tests with AddressSanitizer
#   scripts/instrumented-ei.sh thread     for tests with ThreadSanitizer
#   scripts/instrumented-ei.sh fuzzer     for libFuzzer targets (clang, AddressSanitizer, coverage)
#
# Fails when the source cannot be had. Both the source and what is built are kept in .cache.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/packages.sh
. scripts/ei-source.sh

# No UndefinedBehaviorSanitizer here: ei shifts into sign bits and negates LONG_MIN throughout.
case "${1:-}" in
  address) compiler="${CC:-cc}" sanitizer=address ;;
  thread) compiler="${CC:-cc}" sanitizer=thread ;;
  fuzzer) compiler="${CLANG:-clang-14}" sanitizer=address,fuzzer-no-link ;;
  *) fail "instrumented-ei.sh takes address, thread or fuzzer, got '${1:-}'" ;;
esac

version="$(ei_version)"
flags=(-O1 -g -fno-omit-frame-pointer -fPIC -pthread -D_REENTRANT -D_GNU_SOURCE -DEI_64BIT
  "-fsanitize=$sanitizer" -w)
built="$PWD/.cache/ei-$1"
stamp="$version $(command -v "$compiler") $("$compiler" --version | sed -n 1p) ${flags[*]}"

build() {
  local work source
  work="$(mktemp -d)"
  source="$(ei_source_folder "$version")"
  trap 'rm -rf "$work"' RETURN
  say "building ei with -fsanitize=$sanitizer"
  compile_ei "$source" "$work" "$compiler" "${flags[@]}"
  rm -rf "$built"
  mkdir -p "$built/lib" "$built/include"
  ar rcs "$built/lib/libei.a" "$work"/*.o
  cp "$source/include/"*.h "$built/include/"
  echo "$stamp" >"$built/made-from"
}

if [ "$(cat "$built/made-from" 2>/dev/null)" != "$stamp" ]; then
  fetch_ei_source "$version"
  build
fi
echo "$built"
