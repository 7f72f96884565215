#!/usr/bin/env bash
# Makes another OTP release ready beside the installed one and prints a program that runs its `erl`:
#
#   BEAMLINK_ERL=$(bash scripts/otp.sh 29) npx vitest run --project interop
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

cache="${XDG_CACHE_HOME:-$HOME/.cache}/beamlink/otp-$release"
program="$cache/erl"

make_root() {
  say "fetching OTP $release (about half a minute)"
  make_debian_root "$suite" "$cache/root" erlang-base
}

write_program() {
  cat >"$program" <<PROGRAM
#!/bin/sh
export HOME=/tmp
set -- erl "\$@"
$(enter_root "$cache/root")
PROGRAM
  chmod +x "$program"
}

found_release() {
  "$program" -noinput -noshell -eval 'io:put_chars(erlang:system_info(otp_release)), halt().' 2>/dev/null
}

if [ ! -x "$program" ] || [ "$(found_release)" != "$release" ]; then
  make_root
  write_program
  found="$(found_release || true)"
  [ "$found" = "$release" ] || fail "Debian's $suite has OTP ${found:-nothing}, not $release"
fi
# A fresh Debian does not know its own names: its nodes could not dial `name@localhost`.
cmp -s /etc/hosts "$cache/root/etc/hosts" || as_root cp /etc/hosts "$cache/root/etc/hosts"
echo "$program"
