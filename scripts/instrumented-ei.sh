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

# No UndefinedBehaviorSanitizer here: ei shifts into sign bits and negates LONG_MIN throughout.
case "${1:-}" in
  address) compiler="${CC:-cc}" sanitizer=address ;;
  thread) compiler="${CC:-cc}" sanitizer=thread ;;
  fuzzer) compiler="${CLANG:-clang-14}" sanitizer=address,fuzzer-no-link ;;
  *) fail "instrumented-ei.sh takes address, thread or fuzzer, got '${1:-}'" ;;
esac

version="$(dpkg-query --show --showformat='${source:Version}' erlang-dev 2>/dev/null)" ||
  fail 'erlang-dev is not installed, so there is no source package to build ei from'
source="$PWD/.cache/erlang-source/${version//[^0-9A-Za-z.+-]/_}"
flags=(-O1 -g -fno-omit-frame-pointer -fPIC -pthread -D_REENTRANT -D_GNU_SOURCE -DEI_64BIT
  "-fsanitize=$sanitizer" -w)
built="$PWD/.cache/ei-$1"
stamp="$version $(command -v "$compiler") $("$compiler" --version | sed -n 1p) ${flags[*]}"

# apt with source entries for every repository the machine already uses, in folders of our own:
# /etc and apt's state stay as they are.
private_apt() {
  local tool="$1"
  shift
  "$tool" -o Dir::Etc::SourceList="$apt/sources.list" -o Dir::Etc::SourceParts="$apt/parts" \
    -o Dir::State::Lists="$apt/lists" -o Dir::Cache="$apt/cache" -o APT::Sandbox::User= \
    -o Acquire::Languages=none "$@"
}

write_source_entries() {
  mkdir -p "$apt/parts" "$apt/lists/partial" "$apt/cache/archives/partial"
  local file
  {
    for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
      [ -f "$file" ] && sed -n 's/^deb[[:space:]]/deb-src /p' "$file"
    done
  } >"$apt/sources.list" || true
  for file in /etc/apt/sources.list.d/*.sources; do
    [ -f "$file" ] || continue
    sed 's/^Types:.*/Types: deb-src/' "$file" >"$apt/parts/$(basename "$file")"
  done
}

fetch_source() {
  command -v apt-get >/dev/null || fail 'no apt-get to get the source of ei with'
  local apt
  apt="$(mktemp -d)"
  trap 'rm -rf "$apt"' RETURN
  write_source_entries
  say 'fetching the source of ei'
  # A repository without sources is no reason to give up: the next step tells.
  private_apt apt-get update -qq >&2 </dev/null || true
  mkdir -p "$source"
  (cd "$apt" && private_apt apt-get source -qq --download-only "erlang=$version") >&2 </dev/null ||
    fail 'apt-get could not get the source package of erlang'
  tar -xf "$apt"/erlang_*.orig.tar.* -C "$source" --strip-components=3 --wildcards \
    '*/lib/erl_interface/include/*.h' '*/lib/erl_interface/src/*.[ch]'
}

# What ei's own configure finds on a 64-bit Linux with glibc and gcc or clang.
write_config() {
  local header
  echo '#define SIZEOF_SHORT 2
#define SIZEOF_INT 4
#define SIZEOF_LONG 8
#define SIZEOF_LONG_LONG 8
#define SIZEOF_VOID_P 8
#define ETHR_HAVE___atomic_load_n 15
#define ETHR_HAVE___atomic_store_n 15
#define ETHR_HAVE___atomic_compare_exchange_n 15
#define HAVE_GETHOSTBYNAME_R 1
#define HAVE_GETTIMEOFDAY 1
#define HAVE_SOCKLEN_T 1
#define HAVE_WRITEV 1
#define STDC_HEADERS 1'
  for header in ARPA_INET FCNTL LIMITS MALLOC NETDB NETINET_IN PTHREAD STDDEF STDLIB STRING \
    SYS_PARAM SYS_SELECT SYS_SOCKET SYS_TIME SYS_TYPES SYS_UIO UNISTD; do
    echo "#define HAVE_${header}_H 1"
  done
}

build() {
  local work sources
  work="$(mktemp -d)"
  trap 'rm -rf "$work"' RETURN
  say "building ei with -fsanitize=$sanitizer"
  write_config >"$work/config.h"
  mapfile -t sources < <(find "$source/src" -name '*.c' ! -path '*/prog/*')
  (cd "$work" && printf '%s\n' "${sources[@]}" |
    xargs -P "$(nproc)" -n 8 "$compiler" "${flags[@]}" -I"$work" -I"$source/include" \
      -I"$source/src/connect" -I"$source/src/decode" -I"$source/src/encode" -I"$source/src/epmd" \
      -I"$source/src/global" -I"$source/src/misc" -c) >&2
  rm -rf "$built"
  mkdir -p "$built/lib" "$built/include"
  ar rcs "$built/lib/libei.a" "$work"/*.o
  cp "$source/include/"*.h "$built/include/"
  echo "$stamp" >"$built/made-from"
}

if [ "$(cat "$built/made-from" 2>/dev/null)" != "$stamp" ]; then
  [ -f "$source/include/ei.h" ] || fetch_source
  build
fi
echo "$built"
