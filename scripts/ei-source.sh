# Sourced by what builds Erlang's `ei` from Debian's source package: fetches the source of the
# installed erlang-dev, and compiles it with a compiler and flags of the caller's. Source and what is
# built are kept in .cache.

ei_version() {
  dpkg-query --show --showformat='${source:Version}' erlang-dev 2>/dev/null ||
    fail 'erlang-dev is not installed, so there is no source package to build ei from'
}

ei_source_folder() { echo "$PWD/.cache/erlang-source/${1//[^0-9A-Za-z.+-]/_}"; }

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

# fetch_ei_source VERSION: into ei_source_folder, unless it is there.
fetch_ei_source() {
  local version="$1" source apt
  source="$(ei_source_folder "$version")"
  [ -f "$source/vsn.mk" ] && return
  command -v apt-get >/dev/null || fail 'no apt-get to get the source of ei with'
  apt="$(mktemp -d)"
  # Once: a trap for RETURN outlives its function.
  trap 'rm -rf "$apt"; trap - RETURN' RETURN
  write_source_entries
  say 'fetching the source of ei'
  # A repository without sources is no reason to give up: the next step tells.
  private_apt apt-get update -qq >&2 </dev/null || true
  mkdir -p "$source"
  (cd "$apt" && private_apt apt-get source -qq --download-only "erlang=$version") >&2 </dev/null ||
    fail 'apt-get could not get the source package of erlang'
  tar -xf "$apt"/erlang_*.orig.tar.* -C "$source" --strip-components=3 --wildcards \
    '*/lib/erl_interface/include/*.h' '*/lib/erl_interface/src/*.[ch]' '*/lib/erl_interface/vsn.mk'
}

# The version of erl_interface itself, such as 5.3.
ei_own_version() { sed -n 's/^EI_VSN *= *//p' "$(ei_source_folder "$1")/vsn.mk"; }

# What ei's own configure finds on a 64-bit Linux with gcc or clang, with glibc as with musl.
write_ei_config() {
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

# compile_ei SOURCE OBJECTS COMPILER FLAG…: every C file of the library into the folder OBJECTS.
compile_ei() {
  local source="$1" objects="$2" sources
  shift 2
  write_ei_config >"$objects/config.h"
  mapfile -t sources < <(find "$source/src" -name '*.c' ! -path '*/prog/*')
  (cd "$objects" && printf '%s\n' "${sources[@]}" |
    xargs -P "$(nproc)" -n 8 "$@" -I"$objects" -I"$source/include" \
      -I"$source/src/connect" -I"$source/src/decode" -I"$source/src/encode" -I"$source/src/epmd" \
      -I"$source/src/global" -I"$source/src/misc" -c) >&2
}
