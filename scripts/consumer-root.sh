#!/usr/bin/env bash
# Makes the oldest Debian that the mirror has, with neither Erlang nor a compiler, for tests that
# install the package there, and prints its folder. Kept in the user's cache.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/packages.sh
. scripts/debian-root.sh

suite=bullseye
root="${XDG_CACHE_HOME:-$HOME/.cache}/beamlink/consumer-$suite"
if [ ! -e "$root/usr/lib/x86_64-linux-gnu/libstdc++.so.6" ]; then
  say "fetching Debian $suite (about half a minute)"
  # libstdc++6 is for Node itself.
  make_debian_root "$suite" "$root" libstdc++6,ca-certificates
fi
# Registries are found as outside.
as_root cp /etc/resolv.conf /etc/hosts "$root/etc/"
as_root cp /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/ca-certificates.crt"
as_root install -d -o "$(id -u)" "$root/usr/local/bin" "$root/usr/local/lib" "$root/usr/local/lib/node_modules" "$root/srv"
echo "$root"
