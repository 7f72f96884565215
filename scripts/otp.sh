#!/usr/bin/env bash
# Makes another OTP release ready beside the installed one and prints a program that runs its `erl`:
#
#   BEAMLINK_ERL=$(bash scripts/otp.sh 29) npx vitest run --project interop
#
# With `elixir` behind the release the program's Erlang knows the Elixir of the same Debian, too:
#
#   BEAMLINK_ELIXIR=$(bash scripts/otp.sh 29 elixir) npx vitest run --project interop elixir
#
# The release lives in a small Debian of its own, made by debootstrap from the mirror that apt
# already uses. It shares the network, so all nodes meet on 127.0.0.1. Kept in the user's cache.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/packages.sh
. scripts/debian-root.sh

release="${1:-}"
case "$release" in
  27) suite=trixie ;;
  29) suite=sid ;;
  *) fail "otp.sh takes 27 or 29, got '$release'" ;;
esac
case "${2:-}" in
  '' | elixir) ;;
  *) fail "otp.sh takes elixir or nothing behind the release, got '$2'" ;;
esac

cache="${XDG_CACHE_HOME:-$HOME/.cache}/beamlink/otp-$release"
program="$cache/erl"

make_root() {
  say "fetching OTP $release (about half a minute)"
  make_debian_root "$suite" "$cache/root" erlang-base
}

# write_program FILE COMMAND: runs COMMAND, and what it is given behind that, in the root.
write_program() {
  cat >"$1" <<PROGRAM
#!/bin/sh
export HOME=/tmp
set -- $2 "\$@"
$(enter_root "$cache/root")
PROGRAM
  chmod +x "$1"
}

add_elixir() {
  [ -x "$cache/root/usr/bin/elixir" ] && [ -x "$cache/elixir" ] && return
  say "fetching the Elixir of Debian's $suite"
  need_root "$0 $release elixir"
  as_root chroot "$cache/root" sh -c '
    export DEBIAN_FRONTEND=noninteractive
    apt-get -o Acquire::Check-Valid-Until=false update -qq &&
      apt-get install -y -qq --no-install-recommends elixir' \
    >"$cache/elixir.log" 2>&1 </dev/null ||
    fail "Elixir cannot be installed: $(tail -n 2 "$cache/elixir.log")"
  # As the start script of Elixir does.
  write_program "$cache/elixir" "sh -c 'exec erl -pa /usr/lib/elixir/lib/*/ebin \"\$@\"' erl"
}

found_release() {
  "$program" -noinput -noshell -eval 'io:put_chars(erlang:system_info(otp_release)), halt().' 2>/dev/null
}

if [ ! -x "$program" ] || [ "$(found_release)" != "$release" ]; then
  make_root
  write_program "$program" erl
  found="$(found_release || true)"
  [ "$found" = "$release" ] || fail "Debian's $suite has OTP ${found:-nothing}, not $release"
fi
# A fresh Debian does not know its own names: its nodes could not dial `name@localhost`.
cmp -s /etc/hosts "$cache/root/etc/hosts" || as_root cp /etc/hosts "$cache/root/etc/hosts"
if [ "${2:-}" = elixir ]; then
  add_elixir
  program="$cache/elixir"
fi
echo "$program"
