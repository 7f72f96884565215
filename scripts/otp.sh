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

release="${1:-}"
case "$release" in
  27) suite=trixie ;;
  29) suite=sid ;;
  *) fail "otp.sh takes 27 or 29, got '$release'" ;;
esac

cache="${XDG_CACHE_HOME:-$HOME/.cache}/beamlink/otp-$release"
program="$cache/erl"

# The mirror of the running Debian, as apt knows it.
mirror() {
  # shellcheck disable=SC2016  # the fields are apt's
  apt-get indextargets --format '$(ORIGIN) $(COMPONENT) $(CODENAME) $(REPO_URI)' \
    'Identifier: Packages' |
    awk -v codename="$(. /etc/os-release && echo "$VERSION_CODENAME")" \
      '$1 == "Debian" && $2 == "main" && $3 == codename { print $4; exit }'
}

make_root() {
  command -v apt-get >/dev/null || fail 'another OTP release is had from Debian, and apt-get is not here'
  need_root 'apt-get install debootstrap, then scripts/otp.sh again'
  echo 'debootstrap /usr/sbin/debootstrap' | install_packages
  [ -n "$(mirror)" ] || quietly apt_get update -qq
  say "fetching OTP $release (about half a minute)"
  as_root rm -rf "$cache/root"
  mkdir -p "$cache"
  as_root /usr/sbin/debootstrap --variant=minbase --include=erlang-base \
    "$suite" "$cache/root" "$(mirror)" >"$cache/debootstrap.log" 2>&1 </dev/null ||
    fail "debootstrap failed: $(tail -n 2 "$cache/debootstrap.log")"
}

# chroot is root's; a user may be root in a namespace of their own. `exec` keeps the process id.
write_program() {
  cat >"$program" <<PROGRAM
#!/bin/sh
export HOME=/tmp
if [ "\$(id -u)" = 0 ]; then exec chroot '$cache/root' erl "\$@"; fi
exec unshare --map-root-user chroot '$cache/root' erl "\$@"
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
echo "$program"
